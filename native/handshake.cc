#include "handshake.h"

#include <cstring>
#include <memory>
#include <new>

#include "batch_tree.h"
#include "kem.h"
#include "key_schedule.h"
#include "pool.h"
#include "secret_bytes.h"
#include "sig.h"

namespace pqsock {
namespace {

constexpr uint8_t kAuthSingle = 0;  // a ServerAuth with a signature of its own
constexpr uint8_t kAuthBatch = 1;

constexpr size_t kSpaces = 64;
constexpr char kClientLabel[] = "pqsock1 client auth";  // the zero at the end is the protocol's, too
constexpr char kServerLabel[] = "pqsock1 server auth";
constexpr size_t kHashAt = kSpaces + sizeof(kClientLabel);
constexpr size_t kSignedBytes = kHashAt + kHashBytes;
static_assert(kSignedBytes == BatchTree::kLeafBytes, "a leaf is what would be signed for a handshake alone");

size_t LengthOf(const Algorithm* algorithm, Kind kind) { return algorithm->length[static_cast<size_t>(kind)]; }

// What a side signs about the transcript so far.
void WriteSigned(const char* label, const Sha512& transcript, uint8_t* message) {
  std::memset(message, 0x20, kSpaces);
  std::memcpy(message + kSpaces, label, kHashAt - kSpaces);
  transcript.Digest(message + kHashAt);
}

// An operation within this one; what it says of an argument is about `argument` of ours.
template <typename... Arguments>
Status PerformAs(size_t argument, const Operation& operation, const Algorithm* algorithm, Arguments... arguments) {
  const Bytes all[] = {arguments...};
  Status status = Perform(operation, *algorithm, all);
  status.argument = argument;
  return status;
}

Bytes NoContext() {
  static uint8_t nothing;
  return {&nothing, 0};
}

Status OutOfMemory() {
  Status status;
  status.code = Code::kOutOfMemory;
  return status;
}

// A transcript whose last two frames, a KEM's and one with a signature at its end, are looked for in it.
struct SignedTranscript {
  SignedTranscript(const Algorithm& suite, const Bytes& bytes, Kind kem_kind, size_t before_signature)
      : auth_bytes(kFrameHeaderBytes + before_signature + LengthOf(suite.sig, Kind::kSignature)),
        up_to_kem{bytes.data, bytes.size - auth_bytes},
        auth{bytes.data + up_to_kem.size, auth_bytes},
        kem{auth.data - LengthOf(suite.kem, kem_kind), LengthOf(suite.kem, kem_kind)},
        signature{auth.data + kFrameHeaderBytes + before_signature, LengthOf(suite.sig, Kind::kSignature)} {}

  const size_t auth_bytes;
  const Bytes up_to_kem;
  const Bytes auth;  // the frame
  const Bytes kem;   // the body
  const Bytes signature;
};

// What the server does once the client's flight is complete. The parts are run one after the other; the signature may
// be made by somebody else in between.
class Answer : public Remainder {
 public:
  Answer(const Algorithm& suite, const Bytes* arguments)
      : suite_(suite),
        arguments_(arguments),
        server_kem_{arguments[0].data, kFrameHeaderBytes + LengthOf(suite.kem, Kind::kCiphertext)},
        server_auth_{server_kem_.data + server_kem_.size,
                     kFrameHeaderBytes + 1 + LengthOf(suite.sig, Kind::kSignature)},
        shared_secret_(LengthOf(suite.kem, Kind::kSharedSecret)) {}

  static constexpr size_t kSecretsAt = 1, kSecretKeyAt = 2, kPublicKeyAt = 3, kTranscriptAt = 4;

  // Verifies and encapsulates; ServerKem and the message to sign are written.
  Status Agree();
  // Signs; ServerAuth is written.
  Status Sign();
  // Signs for several, which have the same key.
  static Status SignTogether(Answer* const* answers, size_t count);
  // Makes the MACs and the secrets; ServerFinished is written.
  void Finish();

  bool HasSameKey(const Answer& other) const;

 private:
  // Writes ServerAuth but for the signature, and says where that belongs.
  Bytes PutProof(const BatchTree& tree, size_t place);

  const Algorithm& suite_;
  const Bytes* const arguments_;
  const Bytes server_kem_;
  Bytes server_auth_;  // of the length that it has with a signature of its own, at first
  SecretBytes shared_secret_;
  Sha512 transcript_;
  uint8_t message_[kSignedBytes];
};

SignedTranscript ClientFlightIn(const Algorithm& suite, const Bytes& transcript) {
  return {suite, transcript, Kind::kPublicKey, 0};
}

Status Answer::Agree() {
  if (shared_secret_.data() == nullptr) return OutOfMemory();
  const SignedTranscript flight = ClientFlightIn(suite_, arguments_[kTranscriptAt]);
  transcript_.Add(flight.up_to_kem.data, flight.up_to_kem.size);
  WriteSigned(kClientLabel, transcript_, message_);
  Status status = PerformAs(kTranscriptAt, kSigVerifyPeer, suite_.sig, arguments_[kPublicKeyAt],
                            Bytes{message_, kSignedBytes}, flight.signature, NoContext());
  if (!status.ok()) return status;
  const Bytes ciphertext{server_kem_.data + kFrameHeaderBytes, server_kem_.size - kFrameHeaderBytes};
  const Bytes shared_secret{shared_secret_.data(), LengthOf(suite_.kem, Kind::kSharedSecret)};
  WriteFrameHeader(server_kem_.data, kServerKem, ciphertext.size);
  status = PerformAs(kTranscriptAt, kKemEncapsulate, suite_.kem, ciphertext, shared_secret, flight.kem);
  transcript_.Add(flight.auth.data, flight.auth.size);
  transcript_.Add(server_kem_.data, server_kem_.size);
  WriteSigned(kServerLabel, transcript_, message_);
  return status;
}

Status Answer::Sign() {
  const size_t body = server_auth_.size - kFrameHeaderBytes;
  WriteFrameHeader(server_auth_.data, kServerAuth, body);
  server_auth_.data[kFrameHeaderBytes] = kAuthSingle;
  return PerformAs(kSecretKeyAt, kSigSign, suite_.sig, Bytes{server_auth_.data + kFrameHeaderBytes + 1, body - 1},
                   arguments_[kSecretKeyAt], Bytes{message_, kSignedBytes}, NoContext());
}

Status Answer::SignTogether(Answer* const* answers, size_t count) {
  const Answer& first = *answers[0];
  BatchTree tree(count);
  for (size_t i = 0; i < count; ++i) tree.SetLeaf(i, answers[i]->message_);
  tree.Grow();
  uint8_t message[BatchTree::kSignedBytes];
  tree.WriteSigned(message);
  const Bytes signature = answers[0]->PutProof(tree, 0);
  const Status status = PerformAs(kSecretKeyAt, kSigSign, first.suite_.sig, signature, first.arguments_[kSecretKeyAt],
                                  Bytes{message, sizeof(message)}, NoContext());
  for (size_t i = 1; i < count && status.ok(); ++i) {
    std::memcpy(answers[i]->PutProof(tree, i).data, signature.data, signature.size);
  }
  return status;
}

Bytes Answer::PutProof(const BatchTree& tree, size_t place) {
  server_auth_.size += tree.proof_bytes();
  WriteFrameHeader(server_auth_.data, kServerAuth, server_auth_.size - kFrameHeaderBytes);
  uint8_t* const body = server_auth_.data + kFrameHeaderBytes;
  body[0] = kAuthBatch;
  tree.WriteProof(place, body + 1);
  return {body + 1 + tree.proof_bytes(), LengthOf(suite_.sig, Kind::kSignature)};
}

// Secret keys of both algorithms have tr, a hash of the public key, at the same place. It is public.
bool Answer::HasSameKey(const Answer& other) const {
  constexpr size_t kAt = 64, kBytes = 32;
  return suite_.sig == other.suite_.sig &&
         std::memcmp(arguments_[kSecretKeyAt].data + kAt, other.arguments_[kSecretKeyAt].data + kAt, kBytes) == 0;
}

void Answer::Finish() {
  transcript_.Add(server_auth_.data, server_auth_.size);
  auto* secrets = reinterpret_cast<Secrets*>(arguments_[kSecretsAt].data);
  DeriveSecrets(shared_secret_.data(), LengthOf(suite_.kem, Kind::kSharedSecret), message_ + kHashAt, transcript_,
                secrets);
  uint8_t* finished = server_auth_.data + server_auth_.size;
  WriteFrameHeader(finished, kServerFinished, kHashBytes);
  std::memcpy(finished + kFrameHeaderBytes, secrets->server_mac, kHashBytes);
}

Status CheckAnswer(const Algorithm& suite, const Bytes* arguments) {
  const SignedTranscript flight = ClientFlightIn(suite, arguments[Answer::kTranscriptAt]);
  return PerformAs(Answer::kTranscriptAt, kKemCheckPublicKey, suite.kem, flight.kem);
}

Status RunAnswer(const Algorithm& suite, const Bytes* arguments) {
  Answer answer(suite, arguments);
  Status status = answer.Agree();
  if (status.ok()) status = answer.Sign();
  if (status.ok()) answer.Finish();
  return status;
}

Remainder* BeginAnswer(const Algorithm& suite, const Bytes* arguments, Status* status) {
  std::unique_ptr<Answer> answer(new (std::nothrow) Answer(suite, arguments));
  *status = answer == nullptr ? OutOfMemory() : answer->Agree();
  return status->ok() ? answer.release() : nullptr;
}

bool HaveSameKey(const Remainder& a, const Remainder& b) {
  return static_cast<const Answer&>(a).HasSameKey(static_cast<const Answer&>(b));
}

void FinishAnswers(Remainder* const* remainders, size_t count, Status* statuses) {
  static_assert(kMostTogether <= BatchTree::kMostLeaves, "all that are put off together get one signature");
  Answer* answers[kMostTogether] = {};
  for (size_t i = 0; i < count; ++i) answers[i] = static_cast<Answer*>(remainders[i]);
  const Status status = count == 1 ? answers[0]->Sign() : Answer::SignTogether(answers, count);
  for (size_t i = 0; i < count; ++i) {
    statuses[i] = status;
    if (status.ok()) answers[i]->Finish();
  }
}

constexpr Halves kAnswerHalves = {BeginAnswer, HaveSameKey, FinishAnswers};

Status RunOffer(const Algorithm& suite, const Bytes* arguments) {
  const Bytes &frames = arguments[0], &kem_secret_key = arguments[1], &secret_key = arguments[2],
              &transcript = arguments[3];
  const Bytes public_key{frames.data + kFrameHeaderBytes, LengthOf(suite.kem, Kind::kPublicKey)};
  uint8_t* const auth = public_key.data + public_key.size;
  const Bytes signature{auth + kFrameHeaderBytes, LengthOf(suite.sig, Kind::kSignature)};
  WriteFrameHeader(frames.data, kClientKem, public_key.size);
  const Status status = PerformAs(1, kKemKeypair, suite.kem, public_key, kem_secret_key);
  if (!status.ok()) return status;
  Sha512 hash;
  hash.Add(transcript.data, transcript.size);
  hash.Add(frames.data, kFrameHeaderBytes + public_key.size);
  uint8_t message[kSignedBytes];
  WriteSigned(kClientLabel, hash, message);
  WriteFrameHeader(auth, kClientAuth, signature.size);
  return PerformAs(2, kSigSign, suite.sig, signature, secret_key, Bytes{message, kSignedBytes}, NoContext());
}

Status RunAccept(const Algorithm& suite, const Bytes* arguments) {
  const Bytes &secrets = arguments[0], &public_key = arguments[1], &kem_secret_key = arguments[2],
              &transcript = arguments[3];
  const SignedTranscript flight(suite, transcript, Kind::kCiphertext, 1);
  Sha512 hash;
  hash.Add(flight.up_to_kem.data, flight.up_to_kem.size);
  uint8_t message[kSignedBytes];
  WriteSigned(kServerLabel, hash, message);
  Status status =
      PerformAs(3, kSigVerifyPeer, suite.sig, public_key, Bytes{message, kSignedBytes}, flight.signature, NoContext());
  if (!status.ok()) return status;
  const size_t size = LengthOf(suite.kem, Kind::kSharedSecret);
  SecretBytes shared_secret(size);
  if (shared_secret.data() == nullptr) return OutOfMemory();
  status = PerformAs(2, kKemDecapsulate, suite.kem, Bytes{shared_secret.data(), size}, kem_secret_key, flight.kem);
  if (!status.ok()) return status;
  hash.Add(flight.auth.data, flight.auth.size);
  DeriveSecrets(shared_secret.data(), size, message + kHashAt, hash, reinterpret_cast<Secrets*>(secrets.data));
  return status;
}

}  // namespace

const Operation kHandshakeAnswer = {
    Family::kSuite,
    Counter::kNone,
    &Algorithm::stack_bytes,
    2,
    5,
    {Kind::kServerFrames, Kind::kSecrets, Kind::kSecretKey, Kind::kPublicKey, Kind::kTranscript},
    CheckAnswer,
    RunAnswer};
const Operation kHandshakeAnswerJointly = {
    Family::kSuite,
    Counter::kNone,
    &Algorithm::stack_bytes,
    2,
    5,
    {Kind::kJointServerFrames, Kind::kSecrets, Kind::kSecretKey, Kind::kPublicKey, Kind::kTranscript},
    CheckAnswer,
    RunAnswer,
    &kAnswerHalves};
const Operation kHandshakeOffer = {Family::kSuite,
                                   Counter::kNone,
                                   &Algorithm::stack_bytes,
                                   2,
                                   4,
                                   {Kind::kClientFrames, Kind::kKemSecretKey, Kind::kSecretKey, Kind::kAnyBytes},
                                   CheckNothing,
                                   RunOffer};
const Operation kHandshakeAccept = {Family::kSuite,
                                    Counter::kNone,
                                    &Algorithm::stack_bytes,
                                    1,
                                    4,
                                    {Kind::kSecrets, Kind::kPublicKey, Kind::kKemSecretKey, Kind::kTranscript},
                                    CheckNothing,
                                    RunAccept};

}  // namespace pqsock
