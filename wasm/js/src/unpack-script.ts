export { default } from "./generated/unpack.worker.txt";
