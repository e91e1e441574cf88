namespace CloudPbx.Contracts.Trunks;

/// <summary>What a tenant's calls outside may cost at most; an absent member is no limit, unless it says otherwise. Emergency calls ignore all of them.</summary>
public sealed record CallLimits
{
    /// <summary>Calls to other countries at one time where a tenant whose home country is known says nothing: fraud makes as many as it can, an office seldom does.</summary>
    public const int UsualCallsAbroad = 10;

    /// <summary>The same from one extension: one call, one that is held, and one more.</summary>
    public const int UsualCallsAbroadPerExtension = 3;

    /// <summary>Calls over trunks at one time, both directions.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>Calls to the outside at one time.</summary>
    public int? MaxOutsideCalls { get; init; }

    /// <summary>Calls to the outside at one time from one extension.</summary>
    public int? MaxOutsideCallsPerExtension { get; init; }

    /// <summary>Calls to other countries at one time; <see langword="null"/>: 10 as soon as it is known which country is home, and no limit before.</summary>
    public int? MaxCallsAbroad { get; init; }

    /// <summary>Calls to other countries at one time from one extension; <see langword="null"/>: 3 as soon as it is known which country is home, and no limit before.</summary>
    public int? MaxCallsAbroadPerExtension { get; init; }

    /// <summary>Calls to the outside begun within a minute.</summary>
    public int? OutsideCallsPerMinute { get; init; }

    /// <summary>Seconds after which a call to the outside is ended.</summary>
    public int? MaxCallSeconds { get; init; }

    /// <summary>Minutes of calls to the outside in a day (UTC), of all extensions together.</summary>
    public int? OutsideMinutesPerDay { get; init; }

    /// <summary>Minutes of calls to the outside in a day (UTC) of each extension.</summary>
    public int? OutsideMinutesPerDayPerExtension { get; init; }

    /// <summary>Money for calls to the outside in a day (UTC) of each extension, in millionths of the rate table's currency.</summary>
    public long? MicroUnitsPerDayPerExtension { get; init; }

    /// <summary>Whether numbers may be called whose callers pay a share to who is called, as far as that is known of them, and satellite phones unless <c>allowedCountries</c> lists them; by itself not.</summary>
    public bool AllowPremiumNumbers { get; init; }

    /// <summary>Whether phones may send calls on to numbers in other countries; by itself not.</summary>
    public bool AllowForwardAbroad { get; init; }

    /// <summary>Money for calls to the outside in a day (UTC), in millionths of the rate table's currency.</summary>
    public long? MicroUnitsPerDay { get; init; }

    /// <summary>Money for calls to one destination in a day (UTC), in millionths of the rate table's currency: a country (or the networks of none), or where that is unknown the numbers of one rate.</summary>
    public long? MicroUnitsPerDayPerDestination { get; init; }

    /// <summary>Countries that may be called, two letters each (ISO 3166-1); <c>001</c> for networks of no country, satellites above all; <see langword="null"/>: the home country, and all as long as nobody knows which that is.</summary>
    public IReadOnlyList<string>? AllowedCountries { get; init; }

    /// <summary>Whether every country may be called; by itself not. It goes without <c>allowedCountries</c>. The home country is <c>outside.country</c>, else that of <c>outside.callerNumber</c>, else the one that all of the tenant's numbers are in.</summary>
    public bool AllowAllCountries { get; init; }
}
