email-kind-account-closed = Account closed
mail-closed-at = Your account at { $product } is closed
mail-closed = Your account is closed
mail-closed-glance = You're signed out everywhere, and your data is deleted. If this wasn't you, tell us.
mail-closed-what = You're signed out everywhere, and your data is deleted. We keep only audit log entries and the list of emails sent to you, both for a limited time.
mail-closed-what-at = Your account at { $product } is closed. You're signed out everywhere, and your data is deleted. We keep only audit log entries and the list of emails sent to you, both for a limited time.
mail-closed-not-you = If this wasn't you, write to { $support }.
mail-closed-not-you-host = If this wasn't you, contact the people who run { $host }.
