-- What the mail at hand carries, from before it leaves until it is known to have left: a mail can be opened before the mail server's answer
-- has been written down, and by then whoever opens it must find a link that counts.
ALTER TABLE attempts ADD COLUMN leaving_token_hash BLOB;
ALTER TABLE attempts ADD COLUMN leaving_code_hash BLOB;
ALTER TABLE attempts ADD COLUMN leaving_until BIGINT;
-- When the newest link was made. A mail server's answer that comes late must not put an older one in its place.
ALTER TABLE attempts ADD COLUMN token_made_at BIGINT;

-- Every link that undoes a change of address. A mail that was sent twice, or tried again, has one each time, and all of them work.
-- (`address_changes.undo_hash` had room for one. It stays for nodes of the version before, and is read no more.)
CREATE TABLE address_change_links (
    token_hash BLOB PRIMARY KEY NOT NULL,
    change_id BIGINT NOT NULL REFERENCES address_changes (id) ON DELETE CASCADE
);
CREATE INDEX address_change_links_by_change ON address_change_links (change_id);
INSERT INTO address_change_links (token_hash, change_id) SELECT undo_hash, id FROM address_changes WHERE undo_hash IS NOT NULL;
