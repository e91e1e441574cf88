using CloudPbx.Net.Memory;

namespace CloudPbx.Media.Relay;

/// <summary>What the processor is asked for before a stream's turn comes.</summary>
internal sealed unsafe partial class MediaStream
{
    /// <summary>How many turns ahead <see cref="ApproachingMixed"/> begins.</summary>
    public const int MixForesight = 4;

    private const int Octets = 512;                             // about what the object takes

    // What a packet touches on the long way besides the states, up to the keys of the one that hears it: a few lines of each object, one step of each chain a turn. A hint for
    // a page that the processor does not remember seems to be lost, and the calls have more pages than it remembers: the partner is read first, its other lines are asked for later.
    public void Approaching(int turns)
    {
        switch (turns)
        {
            case 4:
                CacheLines.Fetch(this, Octets);
                break;
            case 3:
                if (_partner is { } next && next != this)
                    _ = Volatile.Read(ref next._playingDue);
                _receiveCrypto?.Fetch(0);
                CacheLines.Fetch(_mix, 64);
                break;
            case 2:
                CacheLines.Fetch(_mix?.In, 64);
                if (_partner is { } near)
                {
                    if (near != this)
                        CacheLines.Fetch(near, Octets);
                    CacheLines.Fetch(near._state, StreamState.SentOctets);
                    near._sendCrypto?.Fetch(0);
                }
                _receiveCrypto?.Fetch(1);
                break;
            default:
                _receiveCrypto?.Fetch(2);
                _partner?._sendCrypto?.Fetch(1);
                _mix?.In.ApproachingWriter();
                break;
        }
    }

    /// <summary>The same for <see cref="SendMixed"/>, from <see cref="MixForesight"/> turns ahead.</summary>
    public void ApproachingMixed(int turns)
    {
        switch (turns)
        {
            case MixForesight:
                CacheLines.Fetch(this, Octets);
                break;
            case MixForesight - 1:
                CacheLines.Fetch(_state, StreamState.SentOctets);
                CacheLines.Fetch(_mix, 64);
                break;
            case MixForesight - 2:
                CacheLines.Fetch(_mix?.Out, 64);
                break;
            default:
                _mix?.Out.ApproachingReader();
                break;
        }
    }
}
