// Fuzz target: the turns of a handshake, on transcripts of any length and on changed ones. Who changes what is signed
// is refused; who changes anything else derives other secrets.
#include <oqs/sha2.h>

#include "both_codes.h"
#include "edits.h"
#include "matrices.h"

namespace pqsock::fuzz {
namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kHashBytes = 64;
constexpr size_t kFinishedBytes = kHeaderBytes + kHashBytes;
constexpr size_t kLongestStart = 400;  // from none at all to a few blocks of SHA-512
constexpr size_t kUsualStart = 100;
constexpr size_t kPlaces = 2, kPeersSeen = 4;  // fewer than the peers: of two suites, with two codes, on two sides
enum Side : size_t { kClient, kServer };

// A handshake's algorithms.
struct Suite {
  Row row, kem, sig;
};
constexpr Suite kSuites[] = {{kKyber1024Dilithium5, kKyber1024, kDilithium5},
                             {kMlKem1024MlDsa87, kMlKem1024, kMlDsa87}};

Buffer Prefix(const Buffer& bytes, size_t rest) { return {bytes.begin(), bytes.end() - static_cast<ptrdiff_t>(rest)}; }
Buffer Suffix(const Buffer& bytes, size_t size) { return {bytes.end() - static_cast<ptrdiff_t>(size), bytes.end()}; }

Buffer Joined(Buffer first, const Buffer& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

bool IsZero(const Buffer& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

struct KeyPair {
  Buffer public_key, secret_key;
};

// A handshake as far as it has come.
struct Handshake {
  Suite suite;
  KeyPair identities[2];
  Buffer kem_secret_key, secrets;
  Buffer to_auth[2];  // the transcripts up to the frame with the signature of each side

  size_t signature_bytes() const { return LengthOf(suite.sig, Kind::kSignature); }
  // Of the last frame, which begins with what is signed by nobody: its header, and what kind of signature it is.
  size_t auth_bytes(Side side) const { return kHeaderBytes + (side == kServer ? 1 : 0) + signature_bytes(); }

  // Whether the signature at the end, and what it is about, are those that were made.
  bool IsAsSigned(Side side, const Buffer& transcript) const {
    const Buffer& made = to_auth[side];
    return transcript.size() == made.size() && Prefix(transcript, auth_bytes(side)) == Prefix(made, auth_bytes(side)) &&
           Suffix(transcript, signature_bytes()) == Suffix(made, signature_bytes());
  }
};

// The signature is one over the hash of all that is before its frame, by liboqs's own SHA-512.
void RequireSigned(Run run, Handshake& made, Side side) {
  const char label[] = "pqsock1 client auth", server_label[] = "pqsock1 server auth";
  const Buffer about = Prefix(made.to_auth[side], made.auth_bytes(side));
  Buffer message(64, 0x20), hash(kHashBytes), none, signature = Suffix(made.to_auth[side], made.signature_bytes());
  OQS_SHA2_sha512(hash.data(), about.data(), about.size());
  for (const char letter : side == kClient ? label : server_label) message.push_back(static_cast<uint8_t>(letter));
  message = Joined(std::move(message), hash);
  run.operation = OperationId::kSigVerify;
  run.row = made.suite.sig;
  MustPerformBoth(run, {&made.identities[side].public_key, &message, &signature, &none});
}

void Offer(Run run, Handshake& made, Buffer start) {
  Buffer frames(LengthOf(run.row, Kind::kClientFrames));
  made.kem_secret_key.resize(LengthOf(run.row, Kind::kKemSecretKey));
  run.operation = OperationId::kHandshakeOffer;
  MustPerformBoth(run, {&frames, &made.kem_secret_key, &made.identities[kClient].secret_key, &start});
  made.to_auth[kClient] = Joined(std::move(start), frames);
  RequireSigned(run, made, kClient);
}

// The server has seen `seen` in place of what the client has sent.
Status Answer(Run run, Handshake& made, Buffer seen) {
  Buffer frames(LengthOf(run.row, Kind::kServerFrames));
  made.secrets.resize(LengthOf(run.row, Kind::kSecrets));
  run.operation = OperationId::kHandshakeAnswer;
  const Status status = PerformBoth(
      run, {&frames, &made.secrets, &made.identities[kServer].secret_key, &made.identities[kClient].public_key, &seen});
  if (!status.ok()) {
    Require(IsZero(frames) && IsZero(made.secrets), "something is made of a wrong offer");
    return status;
  }
  made.to_auth[kServer] = Joined(std::move(seen), Prefix(frames, kFinishedBytes));
  RequireSigned(run, made, kServer);
  Require(std::equal(made.secrets.begin(), made.secrets.begin() + kHashBytes, frames.end() - kHashBytes),
          "ServerFinished has another MAC");
  return status;
}

// The client has seen `seen` in place of what the server has sent.
Status Accept(Run run, Handshake& made, Buffer seen, Buffer& secrets) {
  secrets.resize(LengthOf(run.row, Kind::kSecrets));
  run.operation = OperationId::kHandshakeAccept;
  const Status status = PerformBoth(run, {&secrets, &made.identities[kServer].public_key, &made.kem_secret_key, &seen});
  Require(status.ok() || IsZero(secrets), "something is made of a wrong answer");
  return status;
}

const Handshake& FindHandshake(const Suite& suite) {
  static Handshake known[2];
  Handshake& made = known[suite.row - kKyber1024Dilithium5];
  if (made.secrets.empty()) {
    made.suite = suite;
    ConfigurePeers(kPlaces, kPeersSeen);
    for (const Side side : {kClient, kServer}) {
      KeyPair& keys = made.identities[side];
      keys = {Buffer(LengthOf(suite.sig, Kind::kPublicKey)), Buffer(LengthOf(suite.sig, Kind::kSecretKey))};
      MustPerformBoth({OperationId::kSigKeypair, suite.sig, static_cast<uint8_t>(side)},
                      {&keys.public_key, &keys.secret_key});
    }
    const Run run{OperationId::kHandshakeOffer, suite.row};
    Offer(run, made, Buffer(kUsualStart, 7));
    Require(Answer(run, made, made.to_auth[kClient]).ok(), "an offer is not answered");
  }
  return made;
}

// Other bytes, or another length.
Buffer Changed(FuzzedDataProvider& from, Buffer bytes) {
  if (from.ConsumeBool()) Edit(from, bytes);
  if (from.ConsumeProbability<float>() > 0.9f) bytes.resize(from.ConsumeIntegralInRange<size_t>(0, bytes.size() + 300));
  return bytes;
}

// What the client derives is what the server has derived if both have seen the same, and nothing of it otherwise.
void RequireAgreement(Run run, Handshake made, const Buffer& seen) {
  Buffer secrets;
  const Status status = Accept(run, made, seen, secrets);
  if (seen.size() < LengthOf(run.row, Kind::kServerFrames)) {
    Require(status.code == Code::kWrongLength && status.argument == 3, "a transcript that is too short");
    return;
  }
  const bool is_as_signed = made.IsAsSigned(kServer, seen);
  Require(status.code == (is_as_signed ? Code::kOk : Code::kNotVerified), "a changed answer is accepted");
  if (!is_as_signed) return;
  const bool is_same = seen == made.to_auth[kServer];
  for (size_t at = 0; at + kHashBytes <= secrets.size(); at += kHashBytes) {
    const auto ours = secrets.begin() + static_cast<ptrdiff_t>(at);
    const auto theirs = made.secrets.begin() + static_cast<ptrdiff_t>(at);
    Require(std::equal(ours, ours + kHashBytes, theirs) == is_same, "secrets are not those of what was seen");
  }
}

void AnswerChanged(FuzzedDataProvider& from, const Run& run, Handshake made) {
  const Buffer sent = made.to_auth[kClient], seen = Changed(from, sent);
  const Status status = Answer(run, made, seen);
  if (seen.size() < LengthOf(run.row, Kind::kServerFrames)) {
    Require(status.code == Code::kWrongLength && status.argument == 4, "a transcript that is too short");
    return;
  }
  Buffer kem = Suffix(Prefix(seen, made.auth_bytes(kClient)), LengthOf(made.suite.kem, Kind::kPublicKey));
  if (!PerformBoth({OperationId::kKemCheckPublicKey, made.suite.kem}, {&kem}).ok()) {
    Require(status.code == Code::kBadPublicKey && status.argument == 4, "a wrong kem_pk is taken");
    return;
  }
  Require(status.code == (made.IsAsSigned(kClient, seen) ? Code::kOk : Code::kNotVerified),
          "a changed offer is answered");
  if (!status.ok()) return;
  const Buffer answer = Suffix(made.to_auth[kServer], made.to_auth[kServer].size() - sent.size());
  RequireAgreement(run, made, Joined(sent, answer));
}

}  // namespace
}  // namespace pqsock::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pqsock::fuzz;
  FuzzedDataProvider from(data, size);
  const Suite& suite = kSuites[from.ConsumeBool() ? 1 : 0];
  Run run{};
  run.row = suite.row;
  run.on_pool = from.ConsumeBool();
  run.coins = from.ConsumeIntegral<uint8_t>();
  Handshake made = FindHandshake(suite);
  const uint8_t way = from.ConsumeIntegralInRange<uint8_t>(0, 7);
  if (way < 4) {
    RequireAgreement(run, made, Changed(from, made.to_auth[kServer]));
  } else if (way < 7) {
    AnswerChanged(from, run, made);
  } else {
    Offer(run, made, from.ConsumeBytes<uint8_t>(from.ConsumeIntegralInRange<size_t>(0, kLongestStart)));
    AnswerChanged(from, run, made);
  }
  return 0;
}
