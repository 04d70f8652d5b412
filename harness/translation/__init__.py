"""Getting translations: plan what is missing, ask engines for it, keep every answer before anything else sees it."""
