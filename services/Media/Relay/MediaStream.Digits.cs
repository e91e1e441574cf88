namespace CloudPbx.Media.Relay;

/// <summary>Digits as tones: of a peer that has no telephone events. A partner that has them gets them so, and not the rest of the tone.</summary>
internal sealed partial class MediaStream
{
    private InbandDigits? _inband;

    private void HearDigits(InbandDigits inband, uint ssrc, AudioFormat format, ReadOnlySpan<byte> payload)
    {
        inband.Add(ssrc, format, payload);
        while (inband.TryHear(out char ended, out bool began))
        {
            if (ended != '\0')
                Released(ended, inband.DurationMilliseconds);
            if (began && _partner is { } partner && partner != this && Map?.EventsFor is { } events && events(inband.Current) is { } press)
                partner.Play(press, queue: true);
        }
    }
}
