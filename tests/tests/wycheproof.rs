//! Signatures against the vectors of Project Wycheproof: what is valid is accepted, what is forged, malformed or
//! encoded in a second way is not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sluis_core::feed::{PublicKey, hex};
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pss_verify};

/// How many vectors of each kind were tried.
#[derive(Debug, Default)]
struct Tried {
    valid: usize,
    invalid: usize,
}

impl Tried {
    fn check(&mut self, id: usize, key: &PublicKey, message: &[u8], signature: &[u8], expected: TestResult) {
        let verifies = key.verifies(message, signature);
        match expected {
            TestResult::Valid => {
                self.valid += 1;
                assert!(verifies, "vector {id} is valid and refused");
            }
            TestResult::Invalid => {
                self.invalid += 1;
                assert!(!verifies, "vector {id} is invalid and accepted");
            }
            // Either answer is right.
            TestResult::Acceptable => {}
        }
    }

    /// A set that shrinks would test nothing and be green.
    fn assert_at_least(&self, valid: usize, invalid: usize) {
        assert!(self.valid >= valid && self.invalid >= invalid, "{self:?}");
    }
}

#[test]
fn ed25519() {
    let mut tried = Tried::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        let key = PublicKey::ed25519(&hex::encode(&group.key.pk)).unwrap();
        for test in group.tests {
            tried.check(test.tc_id, &key, &test.msg, &test.sig, test.result);
        }
    }
    tried.assert_at_least(88, 63);
}

#[test]
fn ecdsa_p256_with_sha256() {
    let mut tried = Tried::default();
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256)
        .unwrap()
        .test_groups
    {
        let key = PublicKey::ecdsa_p256(&group.pem).unwrap();
        for test in group.tests {
            tried.check(test.tc_id, &key, &test.msg, &test.sig, test.result);
        }
    }
    tried.assert_at_least(174, 310);
}

#[test]
fn rsa_pss_with_sha256() {
    use rsa_pss_verify::TestName;
    let mut tried = Tried::default();
    for name in [
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::rsa_pss(&group.pem).unwrap();
            for test in group.tests {
                tried.check(test.tc_id, &key, &test.msg, &test.sig, test.result);
            }
        }
    }
    tried.assert_at_least(189, 135);
}
