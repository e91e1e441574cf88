using System.Net;
using BenchmarkDotNet.Attributes;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.TestKit;

namespace CloudPbx.Benchmarks;

/// <summary>What the edge does to a request between its two sockets.</summary>
[MemoryDiagnoser]
public class ForwarderBenchmarks
{
    private readonly byte[] _invite = Corpus.Load("captured/invite-with-sdp.sip");
    private readonly byte[] _buffer = new byte[8192];
    private readonly EdgeKey _key = EdgeKey.CreateRandom();
    private readonly Guid _tenant = Guid.CreateVersion7();
    private readonly InternetEndPoint _source = InternetEndPoint.From(new IPEndPoint(IPAddress.Loopback, 5999));

    [Benchmark]
    public int RequestInward()
    {
        if (SipMessageView.Parse(_invite, out SipMessageView view) != SipParseError.None || view.FindFault() != SipParseError.None)
            return 0;
        InwardRequest context = new() { Tenant = _tenant, EdgeId = 1, Key = _key, FlowToken = "AAAA"u8, Source = _source };
        return StatelessForwarder.WriteRequestInward(view, context, _buffer);
    }
}
