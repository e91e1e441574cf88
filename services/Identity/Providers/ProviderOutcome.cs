namespace CloudPbx.Identity.Providers;

/// <summary>What came of asking a provider who somebody is.</summary>
internal enum ProviderOutcome
{
    /// <summary>It vouches for a mail address.</summary>
    Known,

    /// <summary>It does not answer as it should, or its setting here is not right.</summary>
    Away,

    /// <summary>It says no, or says something that cannot be believed.</summary>
    Refused,

    /// <summary>It does not say that the mail address is verified.</summary>
    Unverified,
}
