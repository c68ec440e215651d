CREATE INDEX outbox_by_end ON outbox (settled_at);
DROP INDEX outbox_settled;
CREATE INDEX outbox_by_recipient ON outbox (recipient);
DROP INDEX outbox_of_recipient;
