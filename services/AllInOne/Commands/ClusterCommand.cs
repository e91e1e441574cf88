using System.CommandLine;
using System.CommandLine.Parsing;
using CloudPbx.AllInOne.Cluster;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>cluster</c>: starts the parts as processes of their own, with real stores, until Ctrl-C.</summary>
internal static class ClusterCommand
{
    private static readonly Option<DirectoryInfo> s_data = new("--data")
    {
        Description = "Folder for everything that has to survive: databases, keys, certificates, logs. The other commands find the cluster by it.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("data", "cluster")),
    };
    private static readonly Option<int> s_workers = new("--workers")
    {
        Description = "Call control workers; each tenant lives on one of them. 0 starts none, for whoever brings one.",
        CustomParser = result => RunCommand.ParseNumber(result, 0, 16, "--workers takes a number from 0 to 16."),
        DefaultValueFactory = _ => 2,
        HelpName = "NUMBER",
    };
    private static readonly Option<int> s_edges = new("--edges")
    {
        Description = "Edges. The first has the ports that are given, every further one free ports of its own; a carrier's lines that one keeps go to another when it is gone.",
        CustomParser = result => RunCommand.ParseNumber(result, 1, 4, "--edges takes a number from 1 to 4."),
        DefaultValueFactory = _ => 1,
        HelpName = "NUMBER",
    };
    private static readonly Option<int> s_mediaNodes = new("--media-nodes")
    {
        Description = "Media nodes, each with its part of the media ports; calls leave one that is drained or dies for another.",
        CustomParser = result => RunCommand.ParseNumber(result, 1, 8, "--media-nodes takes a number from 1 to 8."),
        DefaultValueFactory = _ => 1,
        HelpName = "NUMBER",
    };
    private static readonly Option<bool> s_noMedia = new("--no-media") { Description = "Start no media node: phones register, calls get 503." };
    private static readonly Option<bool> s_rabbitMq = new("--rabbitmq")
    {
        Description = "Start RabbitMQ, which carries call records from the workers to the API. Without it each worker stores its own.",
    };
    private static readonly Option<bool> s_volatile = new("--volatile-stores") { Description = "The stores do not wait for the disk: for tests and measurements." };
    private static readonly Option<string[]> s_processors = new("--processors")
    {
        Description = "Processors that a process may use, as PROCESS=LIST (repeat for several); PROCESS is edge, edge-2 …, worker, worker-1 …, media, api, identity or portal, LIST as taskset takes it. Default: all.",
        HelpName = "PROCESS=LIST",
        DefaultValueFactory = _ => [],
    };
    private static readonly Option<string[]> s_leftDead = new("--leave-dead")
    {
        Description = "A process that is not started again when it ends, to see what the others do without it (repeat for several); PROCESS as above.",
        HelpName = "PROCESS",
        DefaultValueFactory = _ => [],
    };
    private static readonly Option<string[]> s_settings = new("--set")
    {
        Description = "One more setting of a service, as PROCESS.KEY=VALUE, for example edge.Edge:MessagesPerSecond=0 (repeat for several); PROCESS as above, or all.",
        HelpName = "PROCESS.KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    public static Command Build()
    {
        var command = new Command("cluster", "Start CloudPbx as a cluster on this machine, each part a process of its own: PostgreSQL, redis-server, an edge, workers, a media node, the API, sign-in, the portal. Ctrl-C stops all of them.")
        {
            s_data, s_workers, s_edges, s_mediaNodes, s_noMedia, s_rabbitMq, s_volatile, s_processors, s_leftDead, s_settings,
        };
        foreach (Option option in RunCommand.Shared) command.Add(option);
        command.Validators.Add(RunCommand.ValidateCertificate);
        command.Validators.Add(Validate);
        command.SetAction((parsed, cancel) => LocalCluster.RunAsync(ToOptions(parsed), cancel));
        return command;
    }

    private static ClusterOptions ToOptions(ParseResult parsed) => new()
    {
        Run = RunCommand.ToOptions(parsed, parsed.GetValue(s_data)!),
        Workers = parsed.GetValue(s_workers),
        Edges = parsed.GetValue(s_edges),
        MediaNodes = parsed.GetValue(s_noMedia) ? 0 : parsed.GetValue(s_mediaNodes),
        RabbitMq = parsed.GetValue(s_rabbitMq),
        VolatileStores = parsed.GetValue(s_volatile),
        Processors = parsed.GetValue(s_processors)!.Select(text => text.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
        LeftDead = parsed.GetValue(s_leftDead)!,
        Settings = [.. parsed.GetValue(s_settings)!.Select(text => ParseSetting(text)!)],
    };

    private static void Validate(CommandResult result)
    {
        foreach (string text in result.GetValue(s_processors)!.Where(text => text.Split('=') is not [{ Length: > 0 }, { Length: > 0 }]))
            result.AddError($"'{text}' is not PROCESS=LIST, for example worker=0-1.");
        foreach (string text in result.GetValue(s_settings)!.Where(text => ParseSetting(text) is null))
            result.AddError($"'{text}' is not PROCESS.KEY=VALUE, for example edge.Edge:MessagesPerSecond=0.");
    }

    private static ServiceSetting? ParseSetting(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal), equals = text.IndexOf('=', StringComparison.Ordinal);
        return dot > 0 && equals > dot + 1 ? new ServiceSetting(text[..dot], text[(dot + 1)..equals], text[(equals + 1)..]) : null;
    }
}
