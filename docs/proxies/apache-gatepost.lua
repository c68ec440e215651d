-- Asks Gatepost about each request. Loaded by apache.conf. LuaSocket blocks: one thread of Apache waits for each question.
local http, ltn12 = require "socket.http", require "ltn12"
local gatepost = "http://127.0.0.1:8000/forward-auth"
local told = { "Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Auth-Time", "Remote-Amr" }
local passed = { "Cookie", "Accept", "Accept-Language", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-Site", "X-Requested-With",
  "Sec-WebSocket-Key", "User-Agent", "Origin", "Access-Control-Request-Method" }
local handed_on = { "location", "set-cookie", "www-authenticate", "cache-control", "content-security-policy" }
-- The identity, and what tells of the request.
local ours = { "^remote[^%w]", "^x[^%w]forwarded[^%w]", "^x[^%w]original[^%w]", "^x[^%w]rewrite[^%w]", "^x[^%w]real[^%w]ip$", "^forwarded$" }
http.TIMEOUT = 5

function check(r)
  -- Apache would drop what a visitor names here, after the check: the app would not learn who it is.
  if (r.headers_in["Connection"] or ""):lower():match("remote[^%w]") then return 400 end
  -- What a visitor says of these is never passed on, in any spelling. Some servers read Remote.User or Remote!User, too.
  for name in pairs(r:headers_in_table()) do
    for _, own in ipairs(ours) do
      if name:lower():match(own) then r.headers_in[name] = nil end
    end
  end
  -- Apache adds X-Forwarded-For and -Host by itself, and not this one.
  r.headers_in["X-Forwarded-Proto"] = r.is_https and "https" or "http"
  local headers = { ["Host"] = "login.example.com", ["Connection"] = "close", ["X-Forwarded-Proto"] = r.is_https and "https" or "http",
    -- The name by which Apache has chosen the virtual host, and not what else the request says.
    ["X-Forwarded-Host"] = r.hostname or "", ["X-Forwarded-Uri"] = r.unparsed_uri, ["X-Forwarded-Method"] = r.method,
    ["X-Forwarded-For"] = r.useragent_ip }
  for _, name in ipairs(passed) do
    if r.headers_in[name] then headers[name] = r.headers_in[name] end
  end
  local body = {}
  local _, status, answer = http.request{ url = gatepost, redirect = false, headers = headers, sink = ltn12.sink.table(body) }
  if type(status) ~= "number" then return 503 end
  if status >= 200 and status < 300 then
    for _, name in ipairs(told) do r.headers_in[name] = answer[name:lower()] or "" end
    return apache2.OK
  end
  for _, name in ipairs(handed_on) do
    if answer[name] then r.err_headers_out[name] = answer[name] end
  end
  if status >= 500 then return status end
  -- Gatepost's own body. By returning the status, Apache would write its page in HTML, which a script cannot read.
  r.status = status
  r.content_type = answer["content-type"] or "text/plain"
  r:puts(table.concat(body))
  return apache2.DONE
end
