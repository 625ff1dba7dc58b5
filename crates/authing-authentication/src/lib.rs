//! Act as an end user of Authing: register, log in, read and change the profile.
