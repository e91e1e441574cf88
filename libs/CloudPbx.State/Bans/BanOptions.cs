using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace CloudPbx.State.Bans;

/// <summary>When who guesses passwords is banned, and for how long. Section <c>Bans</c>; workers and edges read the same.</summary>
public sealed class BanOptions : IValidatableObject
{
    /// <summary>Wrong passwords of one account from one source that cause a ban of that pair. Several within a second count as one.</summary>
    [Range(2, 1000)] public int WrongPasswords { get; set; } = 8;

    /// <summary>The time within which they are counted, in seconds.</summary>
    [Range(10, 86400)] public int WindowSeconds { get; set; } = 300;

    /// <summary>Wrong passwords from one source, whatever the accounts, that cause a ban of the source.</summary>
    [Range(2, 100_000)] public int SourceWrongPasswords { get; set; } = 20;

    /// <summary>How many accounts a source must have tried to be banned as a whole. A source from which any account is registered never is.</summary>
    [Range(2, 1000)] public int SourceAccounts { get; set; } = 4;

    /// <summary>Wrong passwords of one account, whatever the sources, after which it is under attack: strangers to it have one try a second together, who is registered notices nothing.</summary>
    [Range(2, 100_000)] public int AccountWrongPasswords { get; set; } = 50;

    /// <summary>How long an account is under attack after as many wrong passwords, in seconds.</summary>
    [Range(1, 86400)] public int AttackSeconds { get; set; } = 300;

    /// <summary>How many names (users, numbers) a stranger may ask an edge for without credentials before his source gets silence (S2); half as many where his User-Agent is a known scanner's. 0: as many as he likes.</summary>
    [Range(0, 48)] public int TrapNames { get; set; } = 24;

    /// <summary>How long that silence is, in seconds. Short, since a datagram's address may be forged.</summary>
    [Range(1, 86400)] public int TrapSeconds { get; set; } = 60;

    /// <summary>The length of the first ban, in seconds. Each further one is twice as long.</summary>
    [Range(1, 86400)] public int FirstBanSeconds { get; set; } = 60;

    /// <summary>The longest ban, in seconds.</summary>
    [Range(1, 2_592_000)] public int LongestBanSeconds { get; set; } = 86_400;

    /// <summary>How long after a ban's end it is remembered for the length of the next, in seconds.</summary>
    [Range(0, 2_592_000)] public int MemorySeconds { get; set; } = 86_400;

    /// <summary>Networks (CIDR) that are never banned.</summary>
    /// <remarks>Empty, since configuration adds to a list and never replaces it.</remarks>
    public IList<string> TrustedNets { get; set; } = [];

    /// <summary>How long a ban is.</summary>
    /// <param name="strikes">Counts this one and those before, from 1.</param>
    public TimeSpan LengthOf(int strikes)
    {
        double seconds = FirstBanSeconds * Math.Pow(2, Math.Clamp(strikes, 1, 40) - 1);
        return TimeSpan.FromSeconds(Math.Min(seconds, Math.Max(FirstBanSeconds, LongestBanSeconds)));
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string network in TrustedNets)
        {
            if (!IPNetwork.TryParse(network, out _))
                yield return new($"'{network}' is no network like 192.168.0.0/16.", [nameof(TrustedNets)]);
        }
    }
}

[OptionsValidator]
internal sealed partial class BanOptionsValidator : IValidateOptions<BanOptions>;
