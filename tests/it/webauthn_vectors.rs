//! The standard's own test vectors (WebAuthn Level 3, §16), as far as we offer their kinds of keys.
//! Our rules apply: a user is verified, nothing is framed.

use crate::{
    authenticator::base64url,
    harness::{TestApp, address},
    passkeys::word,
};
use gatepost::{
    config::BaseUrl,
    db::{self, Stop, Tx},
    domain::{
        SessionId, Token, TokenHash,
        passkey::{Ceremony, Occasion},
    },
    passkeys::{CeremonyKey, CeremonyRefusal, NewPasskey, Passkeys, TypedAddress},
};
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const SESSION: SessionId = SessionId::from_i64(11);

/// In hexadecimal digits, as the standard has them.
struct Vector {
    name: &'static str,
    challenge: &'static str,
    credential_id: &'static str,
    client_data: &'static str,
    attestation_object: &'static str,
    registered: &'static str,
    use_challenge: &'static str,
    use_authenticator_data: &'static str,
    use_client_data: &'static str,
    use_signature: &'static str,
    used: &'static str,
}

const VECTORS: [Vector; 5] = [
    Vector {
        name: "none.ES256",
        challenge: "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130",
        credential_id: "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4",
        client_data: "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20426b5165446a646354427258426941774a544c453551227d",
        attestation_object: "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220",
        // Its flags say so.
        registered: "UserNotVerified",
        use_challenge: "",
        use_authenticator_data: "",
        use_client_data: "",
        use_signature: "",
        used: "",
    },
    Vector {
        name: "packed-self.ES256",
        challenge: "7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5",
        credential_id: "455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c",
        client_data: "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c55745936366b336a506a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a205539685458764b453255526b4d6e625f307859485667227d",
        attestation_object: "a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d68617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2",
        registered: "accepted",
        use_challenge: "4478a10b1352348dd160c1353b0d469b5db19eb91c27f7dfa6fed39fe26af20b",
        use_authenticator_data: "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50900000000",
        use_client_data: "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a225248696843784e534e493352594d45314f7731476d3132786e726b634a5f6666707637546e2d4a71386773222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a206754623533727a36456853576f6d58477a696d433151227d",
        use_signature: "304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66",
        used: "UserNotVerified",
    },
    Vector {
        name: "none.ES256.crossOrigin",
        challenge: "3be5aacd03537142472340ab5969f240f1d87716e20b6807ac230655fa4b3b49",
        credential_id: "6e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57",
        client_data: "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463554a484930437257576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a207a5a7175457444523944577170573574425754467567227d",
        attestation_object: "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e",
        registered: "Framed",
        use_challenge: "",
        use_authenticator_data: "",
        use_client_data: "",
        use_signature: "",
        used: "",
    },
    Vector {
        name: "none.ES256.topOrigin",
        challenge: "4e1f4c6198699e33c14f192153f49d7e0e8e3577d5ac416c5f3adc92a41f27e5",
        credential_id: "b8ad59b996047ab18e2ceb57206c362da57458793481f4a8ebf101c7ca7cc0f1",
        client_data: "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a225468394d595a68706e6a504254786b68555f53646667364f4e58665672454673587a72636b7151664a2d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22746f704f726967696e223a2268747470733a2f2f6578616d706c652e636f6d227d",
        attestation_object: "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5410000000097586fd09799a76401c200455099ef2a0020b8ad59b996047ab18e2ceb57206c362da57458793481f4a8ebf101c7ca7cc0f1a5010203262001215820a1c47c1d82da4ebe82cd72207102b380670701993bc35398ae2e5726427fe01d22582086c1080d82987028c7f54ecb1b01185de243b359294a0ed210cd47480f0adc88",
        registered: "Framed",
        use_challenge: "",
        use_authenticator_data: "",
        use_client_data: "",
        use_signature: "",
        used: "",
    },
    Vector {
        name: "packed.ES256",
        challenge: "c1184a5fddf8045e13dc47f54b61f5a656b666b59018f16d870e9256e9952012",
        credential_id: "c9a6f5b3462d02873fea0c56862234f99f081728084e511bb7760201a89054a5",
        client_data: "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a227752684b58393334424634543345663153324831706c61325a725751475046746877365356756d56494249222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20396138624e596a4b436757724258552d66436c316167227d",
        attestation_object: "a363666d74667061636b65646761747453746d74a363616c6726637369675847304502203f19ec4b229f46ab8c45eff29b904ff10c0390dc40bf1216f04a78f4ceba3425022100fe7041a32759aff05a0f9f26c70a999c7a284451ba89234a1d3483c25e21925b637835638159022530820221308201c8a00302010202110088c220f83c8ef1feafe94deae45faad0300a06082a8648ce3d0403023062311e301c06035504030c15576562417574686e207465737420766563746f7273310c300a060355040a0c0357334331253023060355040b0c1c41757468656e74696361746f72204174746573746174696f6e204341310b30090603550406130241413020170d3234303130313030303030305a180f33303234303130313030303030305a305f311e301c06035504030c15576562417574686e207465737420766563746f7273310c300a060355040a0c0357334331223020060355040b0c1941757468656e74696361746f72204174746573746174696f6e310b30090603550406130241413059301306072a8648ce3d020106082a8648ce3d03010703420004a91ba4389409dd38a428141940ca8feb1ac0d7b4350558104a3777a49322f3798440f378b3398ab2d3bb7bf91322c92eb23556f59ad0a836fec4c7663b0e4dc3a360305e300c0603551d130101ff04023000300e0603551d0f0101ff040403020780301d0603551d0e04160414a589ba72d060842ab11f74fb246bdedab16f9b9b301f0603551d2304183016801445aff715b0dd786741fee996ebc16547a3931b1e300a06082a8648ce3d040302034700304402201726b9d85ecd8a5ed51163722ca3a20886fd9b242a0aa0453d442116075defd502207ef471e530ac87961a88a7f0d0c17b091ffc6b9238d30f79f635b417be5910e768617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54d00000000876ca4f52071c3e9b25509ef2cdf7ed60020c9a6f5b3462d02873fea0c56862234f99f081728084e511bb7760201a89054a5a50102032620012158201cf27f25da591208a4239c2e324f104f585525479a29edeedd830f48e77aeae522582059e4b7da6c0106e206ce390c93ab98a15a5ec3887e57f0cc2bece803b920c423",
        registered: "accepted",
        use_challenge: "b1106fa46a57bef1781511c0557dc898a03413d5f0f17d244630c194c7e1adb5",
        use_authenticator_data: "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
        use_client_data: "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2273524276704770587676463446524841565833496d4b4130453958773858306b526a44426c4d6668726255222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20415a4d77794d78496244382d756775464e7036723851227d",
        use_signature: "30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe90221008b0819c824218a97152cd099c55bfb1477b29d900a49a64018314f9bfccda163",
        used: "accepted",
    },
];

/// Returns base64url of hexadecimal digits.
fn coded(hex: &str) -> String {
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    base64url(&bytes)
}

struct Stage {
    app: TestApp,
    passkeys: Passkeys,
}

impl Stage {
    async fn new() -> Self {
        let app = TestApp::new().await;
        app.add_account(ANA).await;
        let passkeys = Passkeys::new(&BaseUrl::parse("https://example.org").unwrap()).unwrap();
        Self { app, passkeys }
    }

    /// Replaces the challenge that was just made by the vector's.
    async fn with_challenge(&self, browser: TokenHash, options: &Value, challenge: &str) {
        let made = options["publicKey"]["challenge"].as_str().unwrap().to_owned();
        let wanted = coded(challenge);
        let replace = move |connection: &mut db::DbConnection| {
            let ceremony = db::ceremonies::take(connection, &browser)?.unwrap();
            assert!(ceremony.state.contains(&made));
            let ceremony = Ceremony { state: ceremony.state.replace(&made, &wanted), ..ceremony };
            db::ceremonies::insert(connection, &browser, &ceremony)
        };
        self.app.write(replace).await;
    }

    async fn register(&self, vector: &Vector) -> Result<(), CeremonyRefusal> {
        let browser = Token::issue(&*self.app.services.entropy).hash();
        let account = self.app.account_of(ANA).await.unwrap();
        let (passkeys, ana) = (self.passkeys.clone(), account.clone());
        let begin = move |tx: &mut Tx<'_>| {
            let key = CeremonyKey { browser: &browser, occasion: Occasion::Register(SESSION) };
            Stop::commit(passkeys.begin_registration(tx, key, &ana))
        };
        let options = self.app.transact(begin).await.unwrap();
        self.with_challenge(browser, &options, vector.challenge).await;
        let answer = json!({
            "id": coded(vector.credential_id),
            "rawId": coded(vector.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": coded(vector.client_data),
                "attestationObject": coded(vector.attestation_object),
            },
        });
        let passkeys = self.passkeys.clone();
        let finish = move |tx: &mut Tx<'_>| {
            let key = CeremonyKey { browser: &browser, occasion: Occasion::Register(SESSION) };
            let answer = answer.clone();
            let new = NewPasskey { account: &account, answer, name: None, keyed_hash: &|_| Ok([0; 32]) };
            Stop::commit(passkeys.finish_registration(tx, key, new))
        };
        self.app.transact(finish).await.map(drop)
    }

    async fn sign_in(&self, vector: &Vector) -> Result<(), CeremonyRefusal> {
        let browser = Token::issue(&*self.app.services.entropy).hash();
        let passkeys = self.passkeys.clone();
        // With an address: the vectors name no user.
        let begin = move |tx: &mut Tx<'_>| {
            let typed = TypedAddress { email: &address(ANA), keyed_hash: &|_| Ok([0; 32]) };
            passkeys.begin_sign_in(tx, &browser, Some(typed))
        };
        let options = self.app.transact(begin).await;
        self.with_challenge(browser, &options, vector.use_challenge).await;
        let answer = json!({
            "id": coded(vector.credential_id),
            "rawId": coded(vector.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": coded(vector.use_client_data),
                "authenticatorData": coded(vector.use_authenticator_data),
                "signature": coded(vector.use_signature),
                "userHandle": null,
            },
        });
        let passkeys = self.passkeys.clone();
        let finish = move |tx: &mut Tx<'_>| {
            let key = CeremonyKey { browser: &browser, occasion: Occasion::SignIn };
            Stop::commit(passkeys.finish_proof(tx, key, answer.clone()))
        };
        self.app.transact(finish).await.map(drop)
    }
}

#[rocket::async_test]
async fn the_standards_own_vectors_come_out_as_our_rules_say() {
    for vector in VECTORS {
        let stage = Stage::new().await;
        assert_eq!(word(stage.register(&vector).await), vector.registered, "{}", vector.name);
        if !vector.used.is_empty() {
            assert_eq!(word(stage.sign_in(&vector).await), vector.used, "{}", vector.name);
        }
    }
}
