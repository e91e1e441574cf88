using System.Security.Cryptography;

namespace CloudPbx.Data.Devices;

/// <summary>Makes SIP passwords: people type them into phones, so no letter can be taken for another.</summary>
public static class SipSecret
{
    /// <summary>Characters of a generated password: 24 of 31 are 118 bits.</summary>
    public const int Length = 24;

    /// <summary>The alphabet: no 0 and o, no 1, i and l.</summary>
    public const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Makes a password.</summary>
    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, Length);
}
