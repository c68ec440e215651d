-- What the user had shown when a grant was given. A remembered browser counts, which `acr` never tells of.
ALTER TABLE oidc_grants ADD COLUMN strength TEXT NOT NULL DEFAULT 'one';
UPDATE oidc_grants SET strength = CASE acr WHEN 'phr' THEN 'passkey' WHEN 'urn:gatepost:two' THEN 'two' ELSE 'one' END;
