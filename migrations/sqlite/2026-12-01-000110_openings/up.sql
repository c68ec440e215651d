-- Opened sign-in links: when first, and when first by a browser that had not asked, within seconds of delivery.
ALTER TABLE attempt_links ADD COLUMN opened_at BIGINT;
ALTER TABLE attempt_links ADD COLUMN scanned_at BIGINT;

-- How many there were of each domain since a moment. Admins see at which domains a scanner opens links.
CREATE TABLE domain_openings (
    domain TEXT PRIMARY KEY NOT NULL,
    since_at BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    scanned BIGINT NOT NULL
) WITHOUT ROWID;
