email-kind-test = Test email
mail-test-from = Test email from { $product }
mail-test = Test email
mail-test-glance = You can read this, so email works. Now open the link and confirm that it arrived.
mail-test-sent = { $admin } sent this email on { $at }. You can read it, so email links can reach you too.
mail-test-link = The link should start with { $host }. If it doesn't, your email provider rewrites links: turn off its click tracking.
mail-test-button = Confirm that it arrived
mail-test-code = Sign-in emails have a code too. This one is only an example:
