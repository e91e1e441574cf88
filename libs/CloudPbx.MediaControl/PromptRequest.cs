namespace CloudPbx.MediaControl;

/// <summary>Sounds that a leg is to hear, one after the other.</summary>
public sealed record PromptRequest
{
    /// <summary>What its end is reported as; another one for each playing.</summary>
    public required string Name { get; init; }

    /// <summary>Names of sounds: <c>en/not-available</c>, <c>music/default</c>, <c>tone/de/busy</c>, <c>dtmf/5</c>, <c>silence/500</c>; those of <see cref="Own"/> under the names that it gives them.</summary>
    public required IReadOnlyList<string> Sounds { get; init; }

    /// <summary>Begins again at the end, until <see cref="IMediaNode.StopAsync"/> or another command.</summary>
    public bool Loop { get; init; }

    /// <summary>Digits of the peer that end it, and what is queued behind it.</summary>
    public string Until { get; init; } = "";

    /// <summary>Plays after what plays now, not instead of it.</summary>
    public bool Queue { get; init; }

    /// <summary>The tenant's own sounds among <see cref="Sounds"/>: where the node finds them, and by what it opens them.</summary>
    public IReadOnlyList<OwnSound> Own { get; init; } = [];
}
