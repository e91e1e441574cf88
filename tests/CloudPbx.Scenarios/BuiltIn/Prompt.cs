using System.Reflection;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Wave;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>A prompt that the product ships, to be found again in what a phone hears.</summary>
internal sealed class Prompt
{
    private const int Rate = 8000, PacketSamples = 160;
    private const double Alike = 0.9;
    private readonly short[] _samples;
    private readonly string _name;

    private Prompt(string name, short[] samples) => (_name, _samples) = (name, samples);

    /// <summary>Gets one.</summary>
    /// <param name="name">Its language and name: <c>en/goodbye</c>.</param>
    public static Prompt Of(string name)
    {
        using Stream stream = Assembly.Load("CloudPbx.Media").GetManifestResourceStream($"Sounds/{name}.wav") ?? throw new ArgumentException($"There is no prompt {name}.", nameof(name));
        using MemoryStream octets = new();
        stream.CopyTo(octets);
        Assert.Equal(WaveParseError.None, WaveFile.TryRead(octets.ToArray(), out WaveFile? wave));
        return new Prompt(name, SampleRateConversion.Convert(wave!.Samples, wave.SampleRate, Rate));
    }

    /// <summary>Begins to listen for it: its midst has to come within the packets of three quarters of it, since a busy phone may miss its beginning.</summary>
    /// <param name="call">The call at the phone, of a narrow-band codec.</param>
    /// <param name="more">How many packets may come before it; without packets after it, no more than it has left.</param>
    public async Task HeardAsync(PhoneCall call, int more = 0)
    {
        IReadOnlyList<HeardSpeech> packets = await call.Audio.CollectAsync((_samples.Length * 3 / 4 / PacketSamples) + more, Deadlines.Media);
        double likeness = Likeness([.. packets.SelectMany(packet => packet.Samples)]);
        Assert.True(likeness > Alike, $"{_name} was not heard: likeness {likeness:F2}");
    }

    /// <summary>How like the likest piece of what was heard is to its loudest part: 1 is the same.</summary>
    public double Likeness(ReadOnlySpan<short> heard)
    {
        int length = Math.Min(_samples.Length / 2, Rate / 2), at = (_samples.Length - length) / 2;
        return CrossCorrelation.Find(heard, _samples.AsSpan(at, length)).Likeness;
    }
}
