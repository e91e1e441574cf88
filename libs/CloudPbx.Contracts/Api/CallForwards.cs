namespace CloudPbx.Contracts.Api;

/// <summary>Where an extension sends its calls on. A target is what somebody would dial there: another extension, a conference room, the echo test, a number outside with its prefix.</summary>
/// <remarks>A number outside goes by the extension's own rights and limits. A call that an extension forwarded back to its caller is not: the phones ring.</remarks>
public sealed record CallForwards
{
    /// <summary>Nothing is sent on.</summary>
    public static CallForwards None { get; } = new();

    /// <summary>At once; the phones do not ring. <see langword="null"/>: nowhere.</summary>
    public string? Always { get; init; }

    /// <summary>When its phones are busy (486, 600).</summary>
    public string? Busy { get; init; }

    /// <summary>When nobody answers within its ring time.</summary>
    public string? NoAnswer { get; init; }

    /// <summary>When no phone is registered, or none is reached.</summary>
    public string? Unreachable { get; init; }

    /// <summary>When its phones decline: by their users, or because they are set to do not disturb (480, 603).</summary>
    public string? Declined { get; init; }

    /// <summary>Where it sends calls on for a reason.</summary>
    /// <param name="reason">The reason; a phone's own redirection has no target here.</param>
    public string? For(ForwardReason reason) => reason switch
    {
        ForwardReason.Always => Always,
        ForwardReason.Busy => Busy,
        ForwardReason.NoAnswer => NoAnswer,
        ForwardReason.Unreachable => Unreachable,
        ForwardReason.Declined => Declined,
        _ => null,
    };
}
