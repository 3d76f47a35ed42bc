"""The arm node: subscriptions, publishers and services over any driver."""
