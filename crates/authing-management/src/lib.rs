//! Administer an Authing user pool: users, roles, groups, policies.
