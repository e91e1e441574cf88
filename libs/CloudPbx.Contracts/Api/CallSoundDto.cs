namespace CloudPbx.Contracts.Api;

/// <summary>How the parties of calls sounded, counted by the classes of ITU-T G.107 Annex B; parties whose sound was not judged are not among them.</summary>
public sealed record CallSoundDto
{
    /// <summary>Users are satisfied.</summary>
    public int Good { get; init; }

    /// <summary>Some users are dissatisfied.</summary>
    public int Fair { get; init; }

    /// <summary>Many users are dissatisfied.</summary>
    public int Poor { get; init; }

    /// <summary>Nearly all users are dissatisfied.</summary>
    public int Bad { get; init; }

    /// <summary>The mean opinion score on average; absent where none was judged.</summary>
    public double? Mos { get; init; }
}
