using CloudPbx.MediaControl;

namespace CloudPbx.Media.Mixing;

/// <summary>What a party of a conference may.</summary>
internal sealed record MixRights
{
    /// <summary>It was muted.</summary>
    public bool Muted { get; init; }

    /// <summary>It is heard at all.</summary>
    public bool Speaks { get; init; } = true;

    /// <summary>It is sent the mix; without, it goes on hearing whom it is bridged with.</summary>
    public bool Hears { get; init; } = true;

    /// <summary>Only this one hears it: a whisper.</summary>
    public LegId? WhispersTo { get; init; }

    /// <summary>The conference ends with it: a supervisor.</summary>
    public bool Leads { get; init; }
}
