"""The peers from Debian, each with the configuration under which it does its best here."""

PEERS = []
