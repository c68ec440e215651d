//! A DNS server on this machine.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, UdpSocket},
    sync::Arc,
    thread,
};

type Records = Arc<BTreeMap<String, Vec<String>>>;

/// Starts a server that knows these texts. A name with "broken" in it is a failure, and what
/// does not fit into a datagram comes by TCP. Each name has an address, unless it is "nowhere".
pub fn serve(records: &[(&str, &[&str])]) -> SocketAddr {
    let own = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let records: Records = Arc::new(records.iter().map(|(name, texts)| ((*name).to_owned(), own(texts))).collect());
    let (stream, datagrams) = loop {
        let stream = TcpListener::bind("127.0.0.1:0").unwrap();
        if let Ok(datagrams) = UdpSocket::bind(stream.local_addr().unwrap()) {
            break (stream, datagrams);
        }
    };
    let address = stream.local_addr().unwrap();
    let known = Arc::clone(&records);
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = datagrams.recv_from(&mut question) {
            // First a forged answer to another question.
            let forged = answer(&known, &[&[question[0] ^ 1], &question[1..length]].concat());
            datagrams.send_to(&forged, from).unwrap();
            let mut answer = answer(&known, &question[..length]);
            if answer.len() > 512 {
                answer.truncate(12);
                answer[2] |= 2;
            }
            datagrams.send_to(&answer, from).unwrap();
        }
    });
    thread::spawn(move || {
        for mut stream in stream.incoming().map_while(Result::ok) {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; u16::from_be_bytes(length).into()];
            stream.read_exact(&mut question).unwrap();
            let answer = answer(&records, &question);
            stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&answer).unwrap();
        }
    });
    address
}

fn answer(records: &Records, question: &[u8]) -> Vec<u8> {
    let mut labels = Vec::new();
    let mut at = 12;
    while question[at] > 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8(question[at + 1..end].to_vec()).unwrap());
        at = end;
    }
    let (name, kind, end) = (labels.join("."), question[at + 2], at + 5);
    let mut answer = question[..end].to_vec();
    answer[2] = 0x81;
    (answer[10], answer[11]) = (0, 0);
    if name.contains("broken") {
        answer[3] = 2;
        return answer;
    }
    let datas: Vec<Vec<u8>> = match kind {
        16 => records.get(&name).into_iter().flatten().map(|text| parts(text)).collect(),
        1 if !name.starts_with("nowhere") => vec![vec![192, 0, 2, 1]],
        _ => Vec::new(),
    };
    answer[7] = u8::try_from(datas.len()).unwrap();
    for data in datas {
        answer.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 9]);
        answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        answer.extend(data);
    }
    answer
}

/// A text of a record has at most 255 octets in each part.
fn parts(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(255).flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat()).collect()
}
