using BenchmarkDotNet.Attributes;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Benchmarks;

/// <summary>SRTP of 20 ms of G.711.</summary>
[MemoryDiagnoser]
public sealed class SrtpBenchmarks : IDisposable
{
    private const int Length = 172;
    private readonly byte[] _packet = new byte[256];
    private SrtpContext? _context;
    private ushort _sequence;

    [Params(SrtpProfile.AesCm128HmacSha1Tag80)]
    public SrtpProfile Profile { get; set; }

    [GlobalSetup]
    public void Setup() => _context = new SrtpContext(Profile, new byte[16], new byte[14]);

    [GlobalCleanup]
    public void Dispose() => _context?.Dispose();

    [Benchmark]
    public SrtpError Protect()
    {
        _packet[0] = 0x80;
        _packet[2] = (byte)(_sequence >> 8);
        _packet[3] = (byte)_sequence++;
        return _context!.ProtectRtp(_packet, Length, out _);
    }
}
