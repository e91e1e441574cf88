namespace CloudPbx.Architecture.Tests;

/// <summary>Who may depend on whom. An arrow that is missing here is a decision, not an oversight: add it with its reason.</summary>
internal static class DependencyTable
{
    /// <summary>Protocol libs: the base class library and logging abstractions only.</summary>
    internal static readonly string[] ProtocolLibs = ["Net", "Sip", "Sdp", "Rtp", "Audio"];

    internal static readonly IReadOnlyDictionary<string, string[]> Libs = new Dictionary<string, string[]>
    {
        ["Net"] = [],
        ["Sip"] = ["Net"],
        ["Rtp"] = ["Net"],
        ["Sdp"] = [],
        ["Audio"] = [],
        ["Softphone"] = ["Sip", "Sdp", "Rtp", "Audio", "Net"],
        ["Contracts"] = [],
        ["Grains"] = ["Contracts"],
        ["MediaControl"] = ["Contracts", "Net"],
        ["State"] = ["Contracts"],
        ["Blobs"] = ["Contracts", "Audio"],          // recordings of telephones lie there as G.711
        ["Data"] = ["Contracts"],
        ["Data.Postgres"] = ["Contracts", "Data"],
        ["Data.Sqlite"] = ["Contracts", "Data"],
        ["Hosting"] = ["Contracts"],
        ["Hosting.Web"] = ["Contracts", "Hosting"],
    };

    internal static readonly IReadOnlyDictionary<string, string[]> Services = new Dictionary<string, string[]>
    {
        // Api speaks to media nodes for one thing: they decode what tenants upload (infra/decisions/0013-prompts.md).
        ["Edge"] = ["Net", "Sip", "Contracts", "State", "Hosting"],
        ["CallControl"] = ["Net", "Sip", "Contracts", "Grains", "MediaControl", "State", "Data", "Blobs", "Hosting", "Hosting.Web"],
        ["Media"] = ["Net", "Sdp", "Rtp", "Audio", "Contracts", "MediaControl", "State", "Blobs", "Hosting"],
        ["Api"] = ["Contracts", "Grains", "MediaControl", "State", "Data", "Blobs", "Hosting", "Hosting.Web"],
        ["Identity"] = ["Contracts", "Data", "Hosting", "Hosting.Web"],
        ["Portal"] = ["Contracts", "State", "Hosting", "Hosting.Web"],
    };

    /// <summary>The database providers: referenced where Program.cs picks one, so by whoever may use Data.</summary>
    internal static readonly string[] Providers = ["Data.Postgres", "Data.Sqlite"];

    /// <summary>The one project that composes services.</summary>
    internal const string Composer = "AllInOne";

    /// <summary>Inside CloudPbx.Sip: each folder and the folders that it may use.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> SipFolders = new Dictionary<string, string[]>
    {
        ["Messages"] = [],
        ["Hashing"] = [],
        ["Authentication"] = ["Messages", "Hashing"],
        ["Transport"] = ["Messages"],
        ["Resolution"] = ["Messages", "Transport"],
        ["Transactions"] = ["Messages", "Transport"],
        ["Dialogs"] = ["Messages", "Transport", "Transactions"],
        ["UserAgents"] = ["Messages", "Transport", "Transactions", "Dialogs", "Authentication"],
        ["Proxying"] = ["Messages", "Transport", "Resolution", "Hashing"],
    };
}
