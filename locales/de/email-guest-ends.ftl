email-kind-guest-ends = Gastkonto endet bald
mail-guest-ends-at = Ihr Gastkonto bei { $product } endet bald
mail-guest-ends = Ihr Gastkonto endet bald
mail-guest-ends-glance = Sichern Sie vorher, was Sie brauchen. Mehr Zeit? Fragen Sie die Person, die Sie eingeladen hat.
mail-guest-ends-what = Ihr Gastkonto endet am { $until }. Dann löschen wir es. Sichern Sie vorher, was Sie brauchen.
mail-guest-ends-what-at = Ihr Gastkonto bei { $product } endet am { $until }. Dann löschen wir es. Sichern Sie vorher, was Sie brauchen.
mail-guest-ends-longer = Brauchen Sie mehr Zeit? Fragen Sie die Person, die Sie eingeladen hat.
