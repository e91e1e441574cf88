using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Recording;

/// <summary>Samples of 16 bits.</summary>
/// <param name="rate">Samples per second.</param>
internal sealed class LinearSamples(int rate) : StagedSamples<short>(rate)
{
    public override void Add(ReadOnlySpan<short> samples)
    {
        Span<short> place = Place(samples.Length);
        samples[..place.Length].CopyTo(place);
    }

    public override void Add(ReadOnlySpan<short> samples, AudioFormat format, ReadOnlySpan<byte> payload) => Add(samples);

    public override void AddSilence(long count) => Place(count).Clear();
}
