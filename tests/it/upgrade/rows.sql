INSERT INTO accounts (id, email, name, is_admin, disabled_at, proven_at, created_at, origin, last_signed_in_at, language, passkey_offer_at, mailbox_since) VALUES
    (3117690768992512024, 'ana@example.com', 'Ana', FALSE, NULL, 1795600000005, 1795600000006, 'invited', 1795600000008, 'en', 1795600000010, 1795600000011);
INSERT INTO accounts (id, email, name, is_admin, disabled_at, proven_at, created_at, origin, last_signed_in_at, language, passkey_offer_at, mailbox_since) VALUES
    (3213697816055079017, 'ben@example.org', 'Ben', TRUE, NULL, 1795600001005, 1795600001006, 'joined', 1795600001008, 'de', 1795600001010, 1795600001011);
INSERT INTO attempts (id, purpose, email, account_id, session_id, verifier_hash, browser, client_address, requested_at, muted, remember, return_to, token_hash, code_hash, expires_at, wrong_codes, mails, mail_asked_at, ended_at, outcome, leaving_token_hash, leaving_code_hash, leaving_until, token_made_at, last_wrong_code_hash, muted_by, language) VALUES
    (4358964988191778021, 'sign_in', 'ana@example.com', 3117690768992512024, 482208253312387394, X'9f5b236c022b324ae3f4a7359cc1ddfff8b56b898e214a34e51689a1c219440f', 'Firefox on Linux', '192.0.2.1', 1795600000008, FALSE, FALSE, '/', X'70f024185b70a865f30cc20dff5ea3440b49e7ffa9556df4c3cd037e91a20155', X'1baf344e9d18d29fc143e422854e37924156a3f6a40cd1a07b79afd510cc4b19', 2110960000000, 0, 0, 1795600000017, NULL, NULL, X'ac215e1fb719dbfa06ee316946a6800b9b1030a9547191023cbd2aeb2dbd96ed', X'de29765945672be48ccd3f7044ef920c6cdf61962a71a5cfd9552da31472020f', 2110960000000, 1795600000023, X'0d3bc619180d3881a2c13701472b72248afac7b815867096b3974e9e8371bd2a', NULL, 'en');
INSERT INTO attempts (id, purpose, email, account_id, session_id, verifier_hash, browser, client_address, requested_at, muted, remember, return_to, token_hash, code_hash, expires_at, wrong_codes, mails, mail_asked_at, ended_at, outcome, leaving_token_hash, leaving_code_hash, leaving_until, token_made_at, last_wrong_code_hash, muted_by, language) VALUES
    (8906900064581757533, 'sign_in', 'ben@example.org', 3213697816055079017, 399267491669628622, X'895e9f9c7ccca1f29f32bd033dad4125d6541154f853b9b0f950d09bae7b6b7e', 'Safari on iPhone', '2001:db8::1', 1795600001008, TRUE, TRUE, '/account', X'3ecc658cb0db0f8d1518cc613ba58177551963d6c061bf6195bcd8931854bd98', X'e9a2fff2dda11fb757c8fd2b1caff3800625f46dc5cc805602213afca33db062', 2110960000000, 1, 1, 1795600001017, 1795600001018, 'used', X'7fc431206d69375532be60b81da4e9db6107bf2ec13803f6ba071ded8bcc15fc', X'b368a4790fef2a8b3daa75dac444ee65af6a88224adfd65d999494713986f2db', 2110960000000, 1795600001023, X'c64e8a4feaa6d2505ac679de3f9852ab332121ec5453f0536e78bbae70b352aa', '2001:db8::/48', 'de');
INSERT INTO attempt_links (token_hash, attempt_id, kind, made_at, good_until, code_hash) VALUES
    (X'7415112eb8ee6390afe178be97b1ac6a3c44f57aa86d77f2075b5405665dfec3', 4358964988191778021, 'open', 1795600000003, 1795600000004, X'ed79d4e2233f014c844e0a7e1d8d044de6087ce561b71825a2f8b51b05c09983');
INSERT INTO attempt_links (token_hash, attempt_id, kind, made_at, good_until, code_hash) VALUES
    (X'd6259042eb442e5e751ce26753a97fc66369064917378dc523a03b429a37fadd', 8906900064581757533, 'cancel', 1795600001003, 1795600001004, X'993e3389e41e79cf9191d2611ddac2b30e868ba92d26619eab4880542704df2e');
INSERT INTO outbox (id, kind, attempt_id, account_id, recipient, domain, note, state, created_at, due_at, give_up_at, tries, lease, leased_until, reply, settled_at, unanswered, handed_at, urgency, asker, turn, browser, client_address, language) VALUES
    (407786465195171010, 'sign_in', 4358964988191778021, 3117690768992512024, 'ana@example.com', 'example.com', '', 'waiting', 1795600000008, 1795600000009, 1795600000010, 0, NULL, NULL, '', NULL, 0, NULL, 0, 0, 1795600000020, 'Firefox on Linux', '192.0.2.1', 'en');
INSERT INTO outbox (id, kind, attempt_id, account_id, recipient, domain, note, state, created_at, due_at, give_up_at, tries, lease, leased_until, reply, settled_at, unanswered, handed_at, urgency, asker, turn, browser, client_address, language) VALUES
    (5312824279909977825, 'sign_in', 8906900064581757533, 3213697816055079017, 'ben@example.org', 'example.org', '', 'sent', 1795600001008, 1795600001009, 1795600001010, 1, NULL, NULL, '250 ok', 1795600000001, 1, NULL, 1, 1, 1795600001020, 'Safari on iPhone', '2001:db8::1', 'de');
INSERT INTO mail_domains (domain, failures, paused_until) VALUES
    ('example.com', 0, 1795600000002);
INSERT INTO mail_domains (domain, failures, paused_until) VALUES
    ('example.org', 1, 1795600001002);
INSERT INTO sessions (id, secret_hash, account_id, attempt_id, remember, created_at, last_seen_at, ends_at, browser, client_address, known_browser_id) VALUES
    (482208253312387394, X'e899d5d075e17e2ee1946db5ff301220ca6490bd594ca09129764e0117e2859f', 3117690768992512024, 4358964988191778021, FALSE, 1795600000005, 1795600000006, 2110960000000, 'Firefox on Linux', '192.0.2.1', 7153190945666369267);
INSERT INTO sessions (id, secret_hash, account_id, attempt_id, remember, created_at, last_seen_at, ends_at, browser, client_address, known_browser_id) VALUES
    (399267491669628622, X'3cbad5834bebc2cdc0cb3f5b6cbb73a8aebe22538c742fe5e4557cd66e78b3df', 3213697816055079017, 8906900064581757533, TRUE, 1795600001005, 1795600001006, 2110960000000, 'Safari on iPhone', '2001:db8::1', 7055709517890518937);
INSERT INTO session_proofs (session_id, method, proven_at) VALUES
    (482208253312387394, 'email_link', 1795600000002);
INSERT INTO session_proofs (session_id, method, proven_at) VALUES
    (399267491669628622, 'email_code', 1795600001002);
INSERT INTO devices (secret_hash, account_id, last_used_at) VALUES
    (X'b45278d288ca9fbacb35ab870327b583a504cea6d05c36ac0cf7f675ca644011', 3117690768992512024, 1795600000002);
INSERT INTO devices (secret_hash, account_id, last_used_at) VALUES
    (X'fd0dd1887e9198577b1b39f5bde921759d8d98723652662026ecbaad4296a405', 3213697816055079017, 1795600001002);
INSERT INTO known_browsers (id, account_id, secret_hash, browser, client_address, first_used_at, last_used_at, signed_out_at) VALUES
    (7153190945666369267, 3117690768992512024, X'7edc44b57902bae31794b6e504dc2ce76103d91543d7b85e754d8e18726c24e0', 'Firefox on Linux', '192.0.2.1', 1795600000005, 1795600000006, NULL);
INSERT INTO known_browsers (id, account_id, secret_hash, browser, client_address, first_used_at, last_used_at, signed_out_at) VALUES
    (7055709517890518937, 3213697816055079017, X'71c702494b172526c6cd8fe612b248a11b0291ab5d3cb03af1b9e730ca08cd53', 'Safari on iPhone', '2001:db8::1', 1795600001005, 1795600001006, 1795600001007);
INSERT INTO known_browser_links (token_hash, browser_id) VALUES
    (X'b5982bcd3fd5eda0115229066a055f5cd4f0fe4d19aa017eb83f4366633af3f5', 7153190945666369267);
INSERT INTO known_browser_links (token_hash, browser_id) VALUES
    (X'fb54a208a10d8453ec84dd9e1db4343df4aeacfbb910f9f7bf6f2d2768ef216a', 7055709517890518937);
INSERT INTO held_forms (id, session_id, path, fields, held_at) VALUES
    (496699474436609406, 482208253312387394, '/account/address', 'a=b', 1795600000004);
INSERT INTO held_forms (id, session_id, path, fields, held_at) VALUES
    (1889441835978516242, 399267491669628622, '/account/name', 'c=d', 1795600001004);
INSERT INTO address_changes (id, account_id, old_email, new_email, undo_hash, changed_at, undone_at) VALUES
    (4466753012937718169, 3117690768992512024, 'ana@example.com', 'ana@example.net', X'674ff4aef986dc4e8e28eab1fcd4cc5f1d5170985d4b96d9d165bcdd1e5f74e0', 1795600000005, NULL);
INSERT INTO address_changes (id, account_id, old_email, new_email, undo_hash, changed_at, undone_at) VALUES
    (7067864320671778277, 3213697816055079017, 'ben@example.org', 'ben@example.net', X'0032b2779e39b612843b9492853ecd57e7f72444954d52a04c15e8e873dc8748', 1795600001005, 1795600001006);
INSERT INTO address_change_links (token_hash, change_id, made_at) VALUES
    (X'733e1d1c264c352b85f3b6d4bc5f77b5a17ca60d14592df488bf1d85607ec334', 4466753012937718169, 1795600000002);
INSERT INTO address_change_links (token_hash, change_id, made_at) VALUES
    (X'efc4ba4028defce2146dd648ea5aeeee048d23bb5d41c76e8bb0e41ff036b87a', 7067864320671778277, 1795600001002);
INSERT INTO settings (name, value, changed_at) VALUES
    ('join_policy', 'anyone', 1795600000002);
INSERT INTO settings (name, value, changed_at) VALUES
    ('site_name', 'House', 1795600001002);
INSERT INTO logo (id, png, changed_at) VALUES
    (1, X'd20f8327bb19361aae15cae24b7cf1dc7653114f1513264184647830463fdd80', 1795600000002);
INSERT INTO limits (name, allowed, forget_at) VALUES
    ('limits name 0', X'000001a21219a400', 1795600000002);
INSERT INTO limits (name, allowed, forget_at) VALUES
    ('limits name 1', X'000001a21219a401', 1795600001002);
INSERT INTO audit (id, at, actor_id, actor, action, subject, value_before, value_after, client_address, request_id, subject_id) VALUES
    (6261980993186338712, 1795600000001, 3117690768992512024, 'ana@example.com', 'signed_in', 'ana@example.com', 'audit value_before 0', 'audit value_after 0', '192.0.2.1', 'audit request_id 0', 3117690768992512024);
INSERT INTO audit (id, at, actor_id, actor, action, subject, value_before, value_after, client_address, request_id, subject_id) VALUES
    (6892273979245922077, 1795600001001, 3213697816055079017, 'ben@example.org', 'signed_in', 'ben@example.org', 'audit value_before 1', 'audit value_after 1', '2001:db8::1', 'audit request_id 1', 3213697816055079017);
INSERT INTO passwords (account_id, hash, set_at, from_mail) VALUES
    (3117690768992512024, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', 1795600000002, FALSE);
INSERT INTO passwords (account_id, hash, set_at, from_mail) VALUES
    (3213697816055079017, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaB', 1795600001002, TRUE);
INSERT INTO totp_authenticators (id, account_id, name, sealed_secret, last_step, added_at, confirmed_at, last_used_at) VALUES
    (8076745353144589967, 3117690768992512024, 'totp_authenticators name 0', X'08aeda3a1fc39374c8919354248cd1370fadfbeaceef440e7d278fbae278fb0e', 1795600000004, 1795600000005, 1795600000006, 1795600000007);
INSERT INTO totp_authenticators (id, account_id, name, sealed_secret, last_step, added_at, confirmed_at, last_used_at) VALUES
    (1143472534552592283, 3213697816055079017, 'totp_authenticators name 1', X'e8db460f82b6efc1aa4b25586e4181c51a4032641d11ef37adb306c7efd218e8', 1795600001004, 1795600001005, 1795600001006, 1795600001007);
INSERT INTO totp_failures (account_id, wrong, paused_until) VALUES
    (3117690768992512024, 0, 1795600000002);
INSERT INTO totp_failures (account_id, wrong, paused_until) VALUES
    (3213697816055079017, 1, 1795600001002);
INSERT INTO recovery_code_sets (account_id, salt, made_at) VALUES
    (3117690768992512024, X'7b453da5660a86472c4158cb67b3456c4196deec71c0db14673ee768c172b8b7', 1795600000002);
INSERT INTO recovery_code_sets (account_id, salt, made_at) VALUES
    (3213697816055079017, X'50b32ab438d248e7a097c248f14d26963078f598c14c5313dac555887cc8a4c5', 1795600001002);
INSERT INTO recovery_codes (account_id, code_hash, used_at) VALUES
    (3117690768992512024, X'baae477a44572167d8310b4b90813d10d167ed41e723c44cc27051480061c344', 1795600000002);
INSERT INTO recovery_codes (account_id, code_hash, used_at) VALUES
    (3213697816055079017, X'fb89915e19a23c8150e3c652613e113be9590fadf3624cd7e725970885293916', 1795600001002);
INSERT INTO passkeys (id, account_id, credential_id, name, aaguid, credential, added_at, last_used_at) VALUES
    (5268029375392943246, 3117690768992512024, X'1e84e790400ac32afb0ca9b626eb094206a52122e47c98873dc6a46cfc5a949c', 'Ana', '', '{}', 1795600000006, 1795600000007);
INSERT INTO passkeys (id, account_id, credential_id, name, aaguid, credential, added_at, last_used_at) VALUES
    (2245742876370567044, 3213697816055079017, X'cea6208dda5c7c2cbeae13dd53ead0885eba13ed81ec3bf9e0d899ab3501445a', 'Ben', '', '{}', 1795600001006, 1795600001007);
INSERT INTO passkey_ceremonies (secret_hash, purpose, account_id, bound_to, state, begun_at) VALUES
    (X'4c6a30d697cbe52c57b7d03065c8fde2e536c6ee95bca5cb334ca54abfdf9a8f', 'sign_in', 3117690768992512024, 1795600000003, 'waiting', 1795600000005);
INSERT INTO passkey_ceremonies (secret_hash, purpose, account_id, bound_to, state, begun_at) VALUES
    (X'04472a819832202169e2012549e0d451fecbd3f0b831c7a734e96c2ad77ea09b', 'sign_in', 3213697816055079017, 1795600001003, 'sent', 1795600001005);
INSERT INTO pending_sign_ins (id, secret_hash, account_id, attempt_id, remember, return_to, begun_at) VALUES
    (7736610561765683419, X'91b81a10c43b21e6e608b185030026991d8e458b5d0fd530711ae29625702920', 3117690768992512024, 4358964988191778021, FALSE, '/', 1795600000006);
INSERT INTO pending_sign_ins (id, secret_hash, account_id, attempt_id, remember, return_to, begun_at) VALUES
    (3239606311931394113, X'87957dc2934c181161c79a2d6a5e2bbf042917325f87a1c7648f40b9e6e907f8', 3213697816055079017, 8906900064581757533, TRUE, '/account', 1795600001006);
INSERT INTO pending_proofs (pending_id, method, proven_at) VALUES
    (7736610561765683419, 'email_link', 1795600000002);
INSERT INTO pending_proofs (pending_id, method, proven_at) VALUES
    (3239606311931394113, 'email_code', 1795600001002);
INSERT INTO trusted_devices (id, secret_hash, account_id, browser, client_address, trusted_at, last_used_at) VALUES
    (239093282888803361, X'281c8e0c5112cbc3b0c9a586da639c2c0a2793ccf0c490cb839208f17901bc4c', 3117690768992512024, 'Firefox on Linux', '192.0.2.1', 1795600000005, 1795600000006);
INSERT INTO trusted_devices (id, secret_hash, account_id, browser, client_address, trusted_at, last_used_at) VALUES
    (687948091685126466, X'fdf429ffbeadfdf1711a16673db5b790fea4bbaaa5ddae62063c29d8c53de3b8', 3213697816055079017, 'Safari on iPhone', '2001:db8::1', 1795600001005, 1795600001006);
INSERT INTO recoveries (id, account_id, asked_by, asked_at, due_at, ended_at, outcome, browser, client_address) VALUES
    (5117819941893927185, 3117690768992512024, 'owner', 1795600000003, 1795600000004, NULL, NULL, 'Firefox on Linux', '192.0.2.1');
INSERT INTO recoveries (id, account_id, asked_by, asked_at, due_at, ended_at, outcome, browser, client_address) VALUES
    (7161407138296622704, 3213697816055079017, 'admin', 1795600001003, 1795600001004, 1795600001005, 'used', 'Safari on iPhone', '2001:db8::1');
INSERT INTO recovery_links (token_hash, recovery_id) VALUES
    (X'f20cf932cd2503736d5c4b4318393b6ce26f33f67868cd3137dda092f444a2cf', 5117819941893927185);
INSERT INTO recovery_links (token_hash, recovery_id) VALUES
    (X'a86f485a656d5a8732ad7779e72ebe92ac81967219fe7194a9c6e4f0aea448f6', 7161407138296622704);
INSERT INTO sealing_keys (id, first_used_at) VALUES
    ('sealing_keys id 0', 1795600000001);
INSERT INTO sealing_keys (id, first_used_at) VALUES
    ('sealing_keys id 1', 1795600001001);
INSERT INTO gains (id, account_id, kind, thing_id, mail_id, told, former, gained_at, undone_at) VALUES
    (7748377696154436931, 3117690768992512024, 'passkey', 1795600000003, 407786465195171010, 'ana@example.com', NULL, 1795600000007, NULL);
INSERT INTO gains (id, account_id, kind, thing_id, mail_id, told, former, gained_at, undone_at) VALUES
    (713605206837097124, 3213697816055079017, 'password', 1795600001003, 5312824279909977825, 'ben@example.org', 'gains former 1', 1795600001007, 1795600001008);
INSERT INTO gain_links (token_hash, gain_id) VALUES
    (X'a16cf300617f34ea491cce51b8839a7b6bf55e1d7a89d62a5cc9de350bc0f044', 7748377696154436931);
INSERT INTO gain_links (token_hash, gain_id) VALUES
    (X'67ddc45826711d2707ea10de663b1e5e167ebb818d9c54c239dccbd665aceeb9', 713605206837097124);
INSERT INTO admin_acts (id, deed, by_id, account_id, gain_id, done_at, undone_at) VALUES
    (7840605772558826115, 'granted', 3117690768992512024, 3117690768992512024, 7748377696154436931, 1795600000005, NULL);
INSERT INTO admin_acts (id, deed, by_id, account_id, gain_id, done_at, undone_at) VALUES
    (1858881436174446559, 'revoked', 3213697816055079017, 3213697816055079017, 713605206837097124, 1795600001005, 1795600001006);
INSERT INTO set_aside (account_id, kind, former, removed_at) VALUES
    (3117690768992512024, 'password', 'set_aside former 0', 1795600000003);
INSERT INTO set_aside (account_id, kind, former, removed_at) VALUES
    (3213697816055079017, 'recovery_codes', 'set_aside former 1', 1795600001003);
INSERT INTO housekeeping_runs (id, ran_at, jumped_at) VALUES
    (1, 1795600000001, 1795600000002);
UPDATE installation SET set_up_at = 1795600000000;
