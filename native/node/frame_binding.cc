// Every call returns at once: the socket does not block, and JavaScript comes again for more.
#include "node/frame_binding.h"

#include <cerrno>

#include "frames/frame_socket.h"

namespace sriov {
namespace {

class FrameSocketObject final : public Napi::ObjectWrap<FrameSocketObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "FrameSocket",
                       {
                           InstanceMethod("open", &FrameSocketObject::Open),
                           InstanceMethod("send", &FrameSocketObject::Send),
                           InstanceMethod("receive", &FrameSocketObject::Receive),
                           InstanceMethod("close", &FrameSocketObject::Close),
                       });
  }

  explicit FrameSocketObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<FrameSocketObject>(info) {}

 private:
  // ifindex, promiscuous: 0 or a negative errno.
  Napi::Value Open(const Napi::CallbackInfo& info) {
    if (info.Length() != 2 || !info[0].IsNumber() || !info[1].IsBoolean())
      return Refuse(info.Env(), "expected ifindex and promiscuous");
    const uint32_t ifindex = info[0].As<Napi::Number>().Uint32Value();
    return Napi::Number::New(info.Env(),
                             socket_.Open(ifindex, info[1].As<Napi::Boolean>().Value()));
  }

  // Bytes of a frame: 0 or a negative errno.
  Napi::Value Send(const Napi::CallbackInfo& info) {
    if (info.Length() != 1 || !info[0].IsTypedArray())
      return Refuse(info.Env(), "expected the bytes of a frame");
    if (!socket_.is_open()) return Napi::Number::New(info.Env(), -EBADF);
    const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    return Napi::Number::New(info.Env(), socket_.Send(bytes.Data(), bytes.ByteLength()));
  }

  // Buffer: undefined when there is no frame now, a negative errno, or [length, tci or -1, tpid].
  Napi::Value Receive(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 1 || !info[0].IsTypedArray()) return Refuse(env, "expected a buffer");
    if (!socket_.is_open()) return Napi::Number::New(env, -EBADF);
    Napi::Uint8Array buffer = info[0].As<Napi::Uint8Array>();
    Frame frame;
    const int outcome = socket_.Receive(buffer.Data(), buffer.ByteLength(), &frame);
    if (outcome == 0) return env.Undefined();
    if (outcome < 0) return Napi::Number::New(env, outcome);
    Napi::Array result = Napi::Array::New(env, 3);
    result.Set(0u, Napi::Number::New(env, static_cast<double>(frame.length)));
    result.Set(1u, Napi::Number::New(env, frame.tagged ? frame.tci : -1));
    result.Set(2u, Napi::Number::New(env, frame.tpid));
    return result;
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    socket_.Close();
    return info.Env().Undefined();
  }

  static Napi::Value Refuse(Napi::Env env, const char* what) {
    Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
    return env.Undefined();
  }

  FrameSocket socket_;
};

}  // namespace

void InitFrames(Napi::Env env, Napi::Object exports) {
  exports.Set("FrameSocket", FrameSocketObject::Define(env));
}

}  // namespace sriov
