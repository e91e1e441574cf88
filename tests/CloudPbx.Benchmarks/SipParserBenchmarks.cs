using BenchmarkDotNet.Attributes;
using CloudPbx.Sip.Messages;
using CloudPbx.TestKit;

namespace CloudPbx.Benchmarks;

/// <summary>An INVITE with SDP as the edge reads it (a view), as the worker does (a message), and written again.</summary>
[MemoryDiagnoser]
public class SipParserBenchmarks
{
    private readonly byte[] _invite = Corpus.Load("captured/invite-with-sdp.sip");
    private readonly System.Buffers.ArrayBufferWriter<byte> _output = new(4096);
    private SipMessage _message = null!;

    [GlobalSetup]
    public void Setup() => _ = SipMessage.TryParse(_invite, out _message!);

    [Benchmark(Baseline = true)]
    public SipParseError View() => SipMessageView.Parse(_invite, out _);

    [Benchmark]
    public SipParseError Message() => SipMessage.TryParse(_invite, out _);

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        _message.WriteTo(_output);
        return _output.WrittenCount;
    }
}
