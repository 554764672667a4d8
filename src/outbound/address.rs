//! Which addresses may the server call?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Judges addresses, never names.
#[derive(Clone, Debug)]
pub struct Guard {
    reach: Reach,
    allowed: Vec<IpNet>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    PublicAndAllowed,
    AllowedLoopback,
}

impl Guard {
    /// The public internet, and `allowed`.
    pub fn public_and(allowed: Vec<IpNet>) -> Self {
        Self { reach: Reach::PublicAndAllowed, allowed }
    }

    /// The loopback addresses among `allowed`.
    pub fn loopback_of(allowed: Vec<IpNet>) -> Self {
        Self { reach: Reach::AllowedLoopback, allowed }
    }

    /// Whether this address may be called.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let allowed = self.allowed.iter().any(|network| network.contains(&address));
        match self.reach {
            Reach::PublicAndAllowed => allowed || is_public(address),
            Reach::AllowedLoopback => allowed && address.is_loopback(),
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !is_special_v4(v4),
        IpAddr::V6(v6) => !is_special_v6(v6),
    }
}

/// The IANA registry of special-purpose IPv4 addresses (RFC 6890), with multicast and the reserved end.
fn is_special_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        [0 | 10 | 127, ..] | [224..=255, ..] => true,
        [100, second, ..] => (64..128).contains(&second),
        [169, 254, ..] | [192, 168, ..] | [198, 18 | 19, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => true,
        [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    }
}

/// Only 2000::/3 is handed out as global unicast; what is special within it, or wraps an IPv4 address, is judged apart.
fn is_special_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, ..] = address.segments();
    let last_v4 = |segments: [u16; 2]| {
        let [[w, x], [y, z]] = segments.map(u16::to_be_bytes);
        Ipv4Addr::new(w, x, y, z)
    };
    match (a, b) {
        // NAT64 (RFC 6052): leads to the IPv4 address at its end.
        (0x64, 0xff9b) if address.segments()[2..6] == [0, 0, 0, 0] => {
            let [.., y, z] = address.segments();
            is_special_v4(last_v4([y, z]))
        }
        // 6to4 (RFC 3056): leads to the IPv4 address at its front.
        (0x2002, _) => is_special_v4(last_v4([b, c])),
        // Protocol assignments, Teredo among them (RFC 2928, RFC 4380).
        (0x2001, 0..=0x1ff) => true,
        // Documentation (RFC 3849, RFC 9637).
        (0x2001, 0xdb8) | (0x3fff, 0..=0xfff) => true,
        // AS112 (RFC 7534, RFC 7535).
        (0x2620, 0x4f) if c == 0x8000 => true,
        _ => a & 0xe000 != 0x2000,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn admits(guard: &Guard, address: &str) -> bool {
        guard.admits(address.parse().unwrap())
    }

    #[test]
    fn only_the_public_internet_is_called() {
        // s.S2, s.S3
        let guard = Guard::public_and(Vec::new());
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.0.0.2",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2620:4f:8000::1",
        ] {
            assert!(!admits(&guard, special), "{special}");
        }
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2a00::1",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(admits(&guard, public), "{public}");
        }
    }

    #[test]
    fn a_network_that_is_allowed_is_called_and_no_other() {
        let guard = Guard::public_and(vec!["10.1.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()]);
        assert!(admits(&guard, "10.1.2.3") && admits(&guard, "::ffff:10.1.2.3") && admits(&guard, "fd00:1::7"));
        assert!(!admits(&guard, "10.2.0.1") && !admits(&guard, "fd00:2::7") && !admits(&guard, "127.0.0.1"));
    }

    #[test]
    fn plain_http_reaches_allowed_loopback_addresses_and_nothing_else() {
        let guard = Guard::loopback_of(vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()]);
        assert!(admits(&guard, "127.0.0.1"));
        assert!(!admits(&guard, "127.0.0.2") && !admits(&guard, "10.0.0.1") && !admits(&guard, "1.1.1.1"));
    }
}
