using System.CommandLine;
using CloudPbx.AllInOne;
using CloudPbx.AllInOne.Commands;

// The media child: the same program in its other role (services/Media has the same as a program of its own).
if (args is ["--role", "media", ..])
    return await MediaRole.RunAsync(args[2..]);

var root = new RootCommand("CloudPbx, a telephone system for companies: SIP registrar, calls, encrypted media, REST API.")
{
    RunCommand.Build(), DemoCommand.Build(), CallsCommand.Build(), PhonesCommand.Build(), ApplyCommand.Build(), ExportCommand.Build(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (StartException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
