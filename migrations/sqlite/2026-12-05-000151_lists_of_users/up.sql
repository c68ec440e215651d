-- Admins, and users by their last sign-in or by their age, without a look at every user.
CREATE INDEX accounts_admins ON accounts (email) WHERE is_admin;
CREATE INDEX accounts_by_sign_in ON accounts (coalesce(last_signed_in_at, 0), id);
CREATE INDEX accounts_by_age ON accounts (created_at, id);
