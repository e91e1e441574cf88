using CloudPbx.MediaControl;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>A media node that takes what begins with RIFF: a head of 44 octets, then samples at 16 kHz.</summary>
internal sealed class FakeDecoder : ISoundDecoder
{
    /// <summary>What it answers instead.</summary>
    public DecodeFault? Fault { get; set; }

    public Task<DecodedSound> DecodeAsync(ReadOnlyMemory<byte> wave, CancellationToken cancel) => Task.FromResult(
        Fault is { } fault ? DecodedSound.Refused(fault)
        : wave.Length < 46 || !wave.Span.StartsWith("RIFF"u8) ? DecodedSound.Refused(DecodeFault.NotWave)
        : new DecodedSound(DecodeFault.None, DecodeLimits.SampleRate, wave[44..(44 + ((wave.Length - 44) / 2 * 2))]));

    /// <summary>A file that it takes.</summary>
    public static byte[] Wave(params byte[] samples) => [.. "RIFF"u8, .. new byte[40], .. samples];
}
