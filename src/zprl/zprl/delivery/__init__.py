"""Exactly-once replay: journal, outbox, replay log, durable learner."""
