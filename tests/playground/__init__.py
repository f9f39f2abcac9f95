"""The Microsoft 365 Agents Playground: Teams on a desk, an implementation of the far side that is not ours."""
