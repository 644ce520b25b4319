//! How marks come from inside a run to its recorder: datagrams to a socket that an environment variable names.
//!
//! A mark is one datagram of JSON: `{"text": "epoch 3", "metrics": {"loss": 0.12}}`. The recorder puts the time beside it when it comes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Names the socket to the program that is recorded.
pub const VARIABLE: &str = "CARBON_REPORT_MARKS";

/// No mark is larger, as a datagram.
pub const LARGEST: usize = 4096;

/// What somebody wants to be remembered of this moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// What happened.
    pub text: String,
    /// Numbers beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
}

impl Message {
    /// From a datagram; `None` where it is no mark.
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(datagram).ok().filter(|m| !m.text.trim().is_empty() && m.metrics.values().all(|v| v.is_finite()))
    }
}

#[cfg(unix)]
pub use unix::{Mailbox, send};

/// Without sockets of that kind there is no recorder to hear.
#[cfg(not(unix))]
pub fn send(_path: &std::path::Path, _message: &Message) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
mod unix {
    use std::env;
    use std::io;
    use std::os::unix::net::UnixDatagram;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use super::{LARGEST, Message};
    use crate::own_folder::OwnFolder;

    /// The address of a socket holds so many bytes on every system.
    const LONGEST_PATH: usize = 100;

    /// What stands behind the place of the folder: its name, with the number of a process, and the socket's.
    const LONGEST_NAME: usize = 40;

    /// A recorder that does not empty its mailbox for so long is none.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// The receiving end, in a folder that no other user can enter.
    #[derive(Debug)]
    pub struct Mailbox {
        socket: UnixDatagram,
        folder: OwnFolder,
    }

    impl Mailbox {
        /// Opens one in the folder for temporary files.
        pub fn open() -> io::Result<Self> {
            let temporary = env::temp_dir();
            let fits = temporary.as_os_str().len() + LONGEST_NAME <= LONGEST_PATH;
            let folder = OwnFolder::new(if fits { &temporary } else { Path::new("/tmp") }, "carbon-report-")?;
            let socket = UnixDatagram::bind(folder.path.join("marks"))?;
            Ok(Self { socket, folder })
        }

        /// Where marks are sent to.
        pub fn path(&self) -> PathBuf {
            self.folder.path.join("marks")
        }

        /// A second handle on it, to be waited at.
        pub fn reader(&self) -> io::Result<impl FnMut() -> io::Result<Option<Message>> + Send + use<>> {
            let socket = self.socket.try_clone()?;
            let mut buffer = vec![0; LARGEST + 1];
            Ok(move || {
                let length = socket.recv(&mut buffer)?;
                Ok(if length > LARGEST { None } else { buffer.get(..length).and_then(Message::parse) })
            })
        }
    }

    /// Hands a mark over. An error means that no recorder has it.
    pub fn send(path: &Path, message: &Message) -> io::Result<()> {
        let datagram = serde_json::to_vec(message)?;
        if datagram.len() > LARGEST {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.connect(path)?;
        let sent = socket.send(&datagram)?;
        if sent == datagram.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_through() {
        let mailbox = Mailbox::open().unwrap();
        let path = mailbox.path();
        let mut receive = mailbox.reader().unwrap();
        let message = Message { text: "epoch 3".into(), metrics: BTreeMap::from([("loss".into(), 0.12)]) };
        send(&path, &message).unwrap();
        assert_eq!(receive().unwrap(), Some(message));
        drop((mailbox, receive));
        assert!(!path.exists() && !path.parent().unwrap().exists());
        assert!(send(&path, &Message { text: "nobody".into(), ..Message::default() }).is_err());
    }

    #[test]
    fn what_is_no_mark() {
        let no_marks: [&[u8]; 6] =
            [b"", b"epoch 3", b"{}", br#"{"text":" "}"#, br#"{"text":"a","metrics":{"x":"y"}}"#, br#"{"text":"a","user":"b"}"#];
        for datagram in no_marks {
            assert_eq!(Message::parse(datagram), None, "{}", String::from_utf8_lossy(datagram));
        }
        assert!(send(std::path::Path::new("/nowhere"), &Message { text: "x".repeat(LARGEST), ..Message::default() }).is_err());
    }
}
