namespace CloudPbx.CallControl.Calls;

/// <summary>What a party that is asked to enter something may enter, and what ends it.</summary>
internal sealed record CollectTerms
{
    /// <summary>The most digits; further ones are not taken.</summary>
    public required int Most { get; init; }

    /// <summary>Whether the last of them ends the entry.</summary>
    public bool EndsWhenFull { get; init; }

    /// <summary>The key that ends it.</summary>
    public char Ends { get; init; } = '#';

    /// <summary>The key that begins it anew.</summary>
    public char Clears { get; init; } = '*';

    /// <summary>How long the first digit may take, the prompts included.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the next one may take; then what was entered counts.</summary>
    public TimeSpan BetweenDigits { get; init; } = TimeSpan.FromSeconds(10);
}
