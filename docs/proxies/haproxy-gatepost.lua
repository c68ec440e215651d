-- Asks Gatepost about each request, by HAProxy's own HTTP client. Loaded by haproxy.cfg.
local told = { "remote-user", "remote-email", "remote-name", "remote-groups", "remote-auth-time", "remote-amr" }
local handed_on = { "location", "set-cookie", "www-authenticate", "cache-control", "content-type", "content-security-policy" }
-- What belongs to the visitor's connection or body, and not to the question.
local left_out = { ["host"] = true, ["connection"] = true, ["upgrade"] = true, ["content-length"] = true, ["content-type"] = true,
  ["transfer-encoding"] = true, ["expect"] = true, ["keep-alive"] = true, ["te"] = true, ["trailer"] = true }

-- The page while Gatepost cannot be reached.
local function away(txn)
  local reply = txn:reply{ status = 503 }
  reply:add_header("content-type", "text/html; charset=utf-8")
  reply:add_header("cache-control", "no-store")
  reply:add_header("retry-after", "5")
  reply:set_body("<!doctype html><html lang=en><meta charset=utf-8><title>Temporarily unavailable</title><h1>Temporarily unavailable</h1>\n" ..
    "<p>This app or its sign-in server cannot be reached. Try again in a minute.</p>\n")
  txn:done(reply)
end

core.register_action("gatepost", { "http-req" }, function(txn, url)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not left_out[name] then
      headers[name] = {}
      for _, value in pairs(values) do table.insert(headers[name], value) end
    end
  end
  local fine, answer = pcall(function() return core.httpclient():get{ url = url, headers = headers } end)
  if not fine or not answer or not answer.status or answer.status == 0 or answer.status >= 500 then
    return away(txn)
  end
  if answer.status >= 200 and answer.status < 300 then
    for _, name in ipairs(told) do
      local values = answer.headers[name]
      if values and values[0] and values[0] ~= "" then txn.http:req_set_header(name, values[0]) end
    end
    return
  end
  local reply = txn:reply{ status = answer.status }
  for _, name in ipairs(handed_on) do
    for _, value in pairs(answer.headers[name] or {}) do reply:add_header(name, value) end
  end
  if answer.body then reply:set_body(answer.body) end
  txn:done(reply)
end, 1)
