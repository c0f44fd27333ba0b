"""The alarm clock of a site: wake, tick, deliver, heartbeat. It acts as `service` and never advances a phase."""
