using System.CommandLine;
using System.CommandLine.Parsing;
using CloudPbx.AllInOne;
using CloudPbx.AllInOne.Commands;

// The media child: the same program in its other role (services/Media has the same as a program of its own).
if (args is ["--role", "media", ..])
    return await MediaRole.RunAsync(args[2..]);

var root = new RootCommand("CloudPbx, a telephone system for companies: SIP registrar, calls, encrypted media, REST API.")
{
    RunCommand.Build(), ClusterCommand.Build(), DemoCommand.Build(), CallsCommand.Build(), PhonesCommand.Build(), TrunksCommand.Build(), TrunkCommand.Build(), ApplyCommand.Build(), ExportCommand.Build(), ImportCommand.Build(),
    RouteCommand.Build(), RewriteCommand.Build(), BansCommand.Build(), UnbanCommand.Build(), NodesCommand.Build(), DrainCommand.Build(), DrainCommand.BuildUndo(),
};
ParseResult line = root.Parse(args);
if (line.Errors.Count > 0 && args.Length > 0)      // the fault alone: nobody finds it above a page of options
{
    foreach (ParseError error in line.Errors)
        await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
try
{
    return await line.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception e) when (e is StartException or ApiException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
