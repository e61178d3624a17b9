"""Every AWS resource of the product, as one CDK app; localaws deploys the same templates."""
