# Emails. What ends in a colon has the link below it, in the text part.

# The frame, and what several emails share.
# What a screen reader calls the whole.
mail-role = email
mail-help = Questions? Write to { $support }
mail-button-fails = Button not working? Copy this address into your browser:
mail-browser = Browser: { $browser }
mail-address = IP address: { $address }
# City and country, from a file of places, which is often wrong for phones and VPNs.
mail-address-near = { $address } (probably { $place })
mail-time = Time: { $at }
mail-place = { $browser } from { $address }
    .near = { $browser } from { $address }, probably { $place }
mail-news-at = { $title } at { $product }
mail-news-told-at = Your account at { $product }: { $title }. { $detail }
mail-other-changes = { $detail } Other changes since the last email: { $changes }.
mail-change = { $title } ({ $at })
mail-change-from = { $title } ({ $at }, { $place })
mail-link-and-code-expire = The link and the code each work only once and expire in { $lifetime }.
# A subject, and what the inbox shows of the email.
mail-subject-and-glance = { $subject }. { $glance }
mail-link-expires = The link works only once, and it expires in { $lifetime }.
mail-undo = This wasn't me: undo it
